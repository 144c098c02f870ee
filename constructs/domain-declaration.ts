import { type Accelerator, type DomainPart, Size, filterName } from '../lib';
import type { Attachment } from './address-allocation';
import { type CloudInit, cloudInitDigest, cloudInitDocuments } from './cloud-init';
import { ROOT_DISK, declaredDisk, declaredSize } from './disk';
import { type Mistakes, readAll } from './mistakes';
import { declaredMounts } from './mount';
import type { SandboxProps } from './sandbox';

/** What a domain part is made from beside the sandbox's own props. */
export interface DomainSurroundings {
  /** libvirt's name of the domain. */
  readonly name: string;
  readonly accelerator: Accelerator;
  readonly attachments: readonly Attachment[];
}

/**
 * The domain part as the spec has it. Reads the guest's files and the images of disks.
 * @throws SandformError what is wrong with any part
 */
export function declaredDomain(props: SandboxProps, { name, accelerator, attachments }: DomainSurroundings, mistakes: Mistakes): DomainPart {
  const { guest, memory = guest.memory, vcpus = 1, rootSize, disks = [], cloudInit, mounts = [], machine, xmlOverrides = [] } = props;
  const { hypervisor } = guest;
  const { display = hypervisor !== 'lxc' } = props;
  const [{ part, arch, root, container, kernelBoot }, memoryBytes, rootBytes, extraDisks] = readAll([
    () => guest.facts(mistakes.doing('guest')),
    () => Size.parse(memory, mistakes.doing('memory')).bytes,
    () => (rootSize === undefined ? undefined : Size.parse(rootSize, mistakes.doing('rootSize'))),
    () => readAll(disks.map((disk) => () => declaredDisk(disk, mistakes))),
  ]);
  return {
    hypervisor,
    ...(hypervisor === 'qemu' ? { accelerator } : {}),
    name,
    arch,
    ...(machine === undefined ? {} : { machine }),
    memory: memoryBytes,
    vcpus,
    guest: part,
    ...(kernelBoot === undefined ? {} : { kernelBoot }),
    disks: [...(root === undefined ? [] : [{ name: ROOT_DISK, image: root, size: declaredSize('rootSize', rootBytes?.toString(), root, mistakes), bus: 'virtio' } as const]), ...extraDisks],
    nics: attachments.map(({ nic, network, mac, address }) => ({
      network: network.networkName,
      mac,
      model: 'virtio',
      ...(address === undefined ? {} : { address }),
      filter: filterName(name, nic),
    })),
    filesystems: declaredMounts(mounts),
    ...(container === undefined ? {} : { container }),
    ...(cloudInit === undefined ? {} : { cloudInit: { digest: documentsDigest(cloudInit, name) } }),
    display,
    xmlOverrides: [...xmlOverrides],
  };
}

function documentsDigest(cloudInit: CloudInit, domain: string): string {
  return cloudInitDigest(cloudInitDocuments(cloudInit, domain));
}
