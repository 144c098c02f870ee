import { hostOffers } from '../../../hooks-runtime/companion/host-offers';
import type { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import type { FirmwareNeeds } from '../../../lib';

/** What libvirt 9.0 says of a host, of which the relevant parts are left. */
const capabilities = ({ firmware = false, secure = false, swtpm = false }) => `<domainCapabilities>
  <os supported='yes'>
    <enum name='firmware'>${firmware ? '<value>efi</value>' : ''}</enum>
    <loader supported='yes'><enum name='readonly'><value>yes</value></enum><enum name='secure'><value>no</value>${secure ? '<value>yes</value>' : ''}</enum></loader>
  </os>
  <devices><tpm supported='yes'><enum name='model'><value>tpm-crb</value></enum><enum name='backendModel'><value>passthrough</value>${swtpm ? '<value>emulator</value>' : ''}</enum></tpm></devices>
</domainCapabilities>`;

async function verdict(offers: Parameters<typeof capabilities>[0], needs: Partial<FirmwareNeeds>): Promise<unknown> {
  const asked: unknown[] = [];
  const connection = { host: { domainCapabilities: async (query: unknown) => (asked.push(query), capabilities(offers)) } } as unknown as LibvirtConnection;
  const outcome = await hostOffers(connection, { type: 'qemu', arch: 'x86_64', machine: 'q35', ...needs }, 'lab/one').then(() => 'goes on', (error: unknown) => (error as { code: unknown }).code);
  expect(asked).toEqual([{ virtType: 'qemu', arch: 'x86_64', machine: 'q35' }]);
  return outcome;
}

describe('what a host must offer', () => {
  it.each<[string, Parameters<typeof capabilities>[0], Partial<FirmwareNeeds>, string]>([
    ['UEFI, and has none', {}, { firmware: 'uefi' }, 'FIRMWARE_MISSING'],
    ['UEFI, and has it', { firmware: true }, { firmware: 'uefi' }, 'goes on'],
    ['Secure Boot, and has UEFI alone', { firmware: true }, { firmware: 'uefi-secure' }, 'FIRMWARE_MISSING'],
    ['Secure Boot, and has it', { firmware: true, secure: true }, { firmware: 'uefi-secure' }, 'goes on'],
    ['a TPM, and has none', { firmware: true }, { tpm: true }, 'TPM_MISSING'],
    ['a TPM with BIOS, and has it', { swtpm: true }, { tpm: true }, 'goes on'],
  ])('is %s', async (_what, offers, needs, outcome) => {
    expect(await verdict(offers, needs)).toBe(outcome);
  });
});
