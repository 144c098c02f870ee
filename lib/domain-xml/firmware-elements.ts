import type { DomainPart } from '../spec';
import type { DomainXmlValues } from './domain-xml';
import { type XmlElement, element } from './xml-element';

const MACHINES = { x86_64: 'q35', aarch64: 'virt' } as const;

/** Machine type of QEMU that a domain has. */
export function machineOf({ arch, machine = MACHINES[arch] }: Pick<DomainPart, 'arch' | 'machine'>): string {
  return machine;
}

/** What a QEMU domain boots, with what, and the features of its machine. */
export function firmwareElements(domain: DomainPart, values: DomainXmlValues): XmlElement[] {
  return [os(domain, values), features(domain)];
}

/** A TPM 2.0 of the domain's own; libvirt keeps its state, and removes it with the domain. */
export function tpmElement({ tpm = false, arch }: DomainPart): XmlElement | undefined {
  return tpm ? element('tpm', { model: arch === 'x86_64' ? 'tpm-crb' : 'tpm-tis' }, element('backend', { type: 'emulator', version: '2.0' })) : undefined;
}

function os(domain: DomainPart, values: DomainXmlValues): XmlElement {
  const { kernelBoot: boot, arch } = domain;
  return element(
    'os',
    { firmware: isUefi(domain) ? 'efi' : undefined },
    element('type', { arch, machine: machineOf(domain) }, 'hvm'),
    uefiFeatures(domain),
    ...(boot === undefined
      ? []
      : [
          element('kernel', {}, values.baseVolumePath(boot.kernel.digest)),
          boot.initrd === undefined ? undefined : element('initrd', {}, values.baseVolumePath(boot.initrd.digest)),
          element('cmdline', {}, boot.cmdline),
        ]),
    domain.hardware === undefined ? undefined : element('smbios', { mode: 'sysinfo' }),
  );
}

/** Where no kernel is given, 64-bit Arm has no other way to boot than UEFI; x86 boots by BIOS unless told. */
function isUefi({ firmware, kernelBoot, arch }: DomainPart): boolean {
  return firmware === undefined ? kernelBoot === undefined && arch === 'aarch64' : firmware !== 'bios';
}

/** By these libvirt chooses among the host's firmwares, and with it the file that the domain's own variables are copied from. */
function uefiFeatures({ firmware }: DomainPart): XmlElement | undefined {
  if (firmware === undefined || firmware === 'bios') return undefined;
  const enabled = firmware === 'uefi-secure' ? 'yes' : 'no';
  // Without Secure Boot there are firmwares with keys and without: either does.
  const names = firmware === 'uefi-secure' ? ['secure-boot', 'enrolled-keys'] : ['secure-boot'];
  return element('firmware', {}, ...names.map((name) => element('feature', { enabled, name })));
}

function features(domain: DomainPart): XmlElement {
  const isX86 = domain.arch === 'x86_64';
  // libvirt refuses ACPI on 64-bit Arm without UEFI.
  const acpi = isX86 || isUefi(domain);
  const hidden = domain.hardware?.hypervisorHidden === true;
  const onKvm = domain.accelerator !== 'tcg';
  return element(
    'features',
    {},
    acpi ? element('acpi') : undefined,
    isX86 ? element('apic') : undefined,
    // Else a guest could write the variables that say what may boot.
    isX86 && domain.firmware === 'uefi-secure' ? element('smm', { state: 'on' }) : undefined,
    isX86 && onKvm && domain.windows === true ? hyperv() : undefined,
    hidden && onKvm ? element('kvm', {}, element('hidden', { state: 'on' })) : undefined,
    hidden && isX86 ? element('vmport', { state: 'off' }) : undefined,
  );
}

/** Interfaces that spare Windows most of what virtualization costs it. QEMU's emulator has none of them. */
function hyperv(): XmlElement {
  const on = { state: 'on' };
  return element('hyperv', {}, element('relaxed', on), element('vapic', on), element('spinlocks', { ...on, retries: 8191 }), element('vpindex', on), element('runtime', on), element('synic', on), element('stimer', on), element('frequencies', on));
}
