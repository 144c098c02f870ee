import type { DomainPart, ImageReference } from '../../../lib';
import type { DomainXmlValues } from '../../../lib/domain-xml';

export const image = (digit: string): ImageReference => ({ digest: digit.repeat(64), format: 'qcow2', virtualSize: 2 ** 28 });

/** A QEMU domain with one of everything. */
export const qemuDomain: DomainPart = {
  hypervisor: 'qemu',
  accelerator: 'tcg',
  name: 'lab-victim',
  arch: 'x86_64',
  memory: 128 * 2 ** 20,
  vcpus: 2,
  guest: { name: 'micro', execPort: 'org.sandform.exec.0', agent: true, user: 'root' },
  kernelBoot: { kernel: image('b'), initrd: image('c'), cmdline: 'root=/dev/vda quiet' },
  disks: [
    { name: 'root', image: image('a'), size: 2 ** 30, bus: 'virtio' },
    { name: 'data', size: 2 ** 30, bus: 'scsi' },
    { name: 'more', size: 2 ** 30, bus: 'sata' },
  ],
  nics: [{ network: 'lab-net', mac: '52:54:00:01:02:03', model: 'virtio' }],
  filesystems: [],
  cloudInit: { digest: 'd'.repeat(64) },
  display: true,
  xmlOverrides: [],
};

const { kernelBoot: _kernel, ...fromDisk } = qemuDomain;

/** A machine with firmware, TPM and hardware profile of its own. */
export const secureDomain: DomainPart = {
  ...fromDisk,
  firmware: 'uefi-secure',
  tpm: true,
  hardware: {
    bios: { vendor: 'Acme, Inc.', version: '1.0', date: '02/29/2024', release: '1.255' },
    system: { manufacturer: 'Acme', product: 'Rocket', version: '2', serial: 'S1', sku: 'K1', family: 'Rockets' },
    baseBoard: { manufacturer: 'Acme', product: 'Board', version: '3', serial: 'B1', asset: 'A1', location: 'Slot 0' },
    chassis: { manufacturer: 'Acme', version: '4', serial: 'C1', asset: 'A2', sku: 'K2' },
    disk: { vendor: 'ACME', product: 'Spinner', serial: 'D123' },
    cpu: { model: 'Skylake-Client', features: [{ name: 'avx', policy: 'disable' }] },
    hypervisorHidden: true,
  },
};

/** A Windows that installs itself. */
export const windowsDomain: DomainPart = {
  ...fromDisk,
  accelerator: 'kvm',
  firmware: 'uefi-secure',
  tpm: true,
  windows: true,
  disks: [{ name: 'root', size: 2 ** 36, bus: 'sata' }],
  nics: [{ network: 'lab-net', mac: '52:54:00:01:02:03', model: 'e1000e' }],
  cdroms: [image('e'), image('f')],
};

const { accelerator: _none, kernelBoot: _firmware, cloudInit: _seed, ...plain } = qemuDomain;

export const lxcDomain: DomainPart = {
  ...plain,
  hypervisor: 'lxc',
  disks: [],
  display: false,
  container: { root: { digest: 'e'.repeat(64), kind: 'tarball' }, init: ['/bin/sh', '-c', 'exec sleep "1 & 2"'], userNamespace: true },
  nics: [{ network: 'lab-net', mac: '52:54:00:01:02:03', model: 'virtio', address: '10.88.3.2', filter: 'sandform-lab-victim-0' }],
  filesystems: [
    { source: '/srv/tools & <more>', target: '/mnt', readonly: true },
  ],
};

export const vboxDomain: DomainPart = { ...plain, hypervisor: 'vbox', disks: [{ name: 'root', image: image('a'), size: 2 ** 30, bus: 'sata' }] };

export const values: DomainXmlValues = {
  uuid: '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10',
  metadata: { identity: '{"a":"<&>"}', conduct: '{}' },
  volumePath: (disk) => `/pool/lab-victim.${disk}.qcow2`,
  baseVolumePath: (digest) => `/pool/base.${digest}`,
  consolePath: () => '/pool/lab-victim.console.log',
  seedPath: () => '/pool/lab-victim.seed.iso',
  rootFolder: () => '/pool-containers/mounts/lab-victim',
  linkOf: () => ({ prefix: 24, gateway: '10.88.3.1' }),
};
