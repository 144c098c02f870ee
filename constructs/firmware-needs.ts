import type { DomainPart, FirmwareNeeds } from '../lib';
import { machineOf } from '../lib/domain-xml';

/** What a domain needs of its host that not every host has; undefined where that is nothing. */
export function firmwareNeeds(domain: DomainPart): FirmwareNeeds | undefined {
  const { arch, accelerator, firmware = 'bios', tpm = false } = domain;
  if (firmware === 'bios' && !tpm) return undefined;
  return { type: accelerator === 'tcg' ? 'qemu' : 'kvm', arch, machine: machineOf(domain), ...(firmware === 'bios' ? {} : { firmware }), ...(tpm ? { tpm } : {}) };
}
