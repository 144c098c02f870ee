import { readDomainOffers } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import type { FirmwareNeeds } from '../../lib/spec';
import type { LibvirtConnection } from '../libvirt';

/**
 * Ends where the host lacks what a domain needs, before anything of it is made.
 * @throws SandformError `FIRMWARE_MISSING`, `TPM_MISSING`
 */
export async function hostOffers(connection: LibvirtConnection, { type, arch, machine, firmware = 'bios', tpm = false }: FirmwareNeeds, doing: string): Promise<void> {
  const offers = readDomainOffers(await connection.host.domainCapabilities({ virtType: type, arch, machine }));
  if (firmware !== 'bios' && !offers.uefi) throw new SandformError('FIRMWARE_MISSING', { doing, given: `firmware '${firmware}'` });
  if (firmware === 'uefi-secure' && !offers.secureBoot) {
    throw new SandformError('FIRMWARE_MISSING', { doing, given: "firmware 'uefi-secure', and UEFI firmware without Secure Boot alone", expected: 'firmware with Secure Boot that libvirt finds on the host' });
  }
  if (tpm && !offers.tpm) throw new SandformError('TPM_MISSING', { doing, given: 'a TPM' });
}
