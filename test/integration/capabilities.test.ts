import { randomBytes } from 'node:crypto';
import { CAPABILITIES, type CapabilityName, whyNotOffered } from '../../lib';
import { type Domain, LibvirtConnection } from '../../hooks-runtime/libvirt';
import { SandformError } from '../../lib/errors';
import { testHost } from './host';

const CONTAINER = (name: string) =>
  `<domain type='lxc'><name>${name}</name><memory unit='MiB'>32</memory><os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os><devices><console type='pty'/></devices></domain>`;
const MACHINE = (name: string) =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>
   <devices><video><model type='vga'/></video><serial type='pty'/><graphics type='vnc' listen='127.0.0.1'/><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices></domain>`;

/** The calls behind those capabilities that a libvirt driver has or lacks as a whole. */
const CALLS: Readonly<Partial<Record<CapabilityName, (domain: Domain) => Promise<unknown>>>> = {
  pause: (domain) => domain.suspend().then(() => domain.resume()),
  conduct: (domain) => domain.setMetadata({ uri: 'urn:sandform:test', prefix: 't' }, '<x/>'),
  console: async (domain) => (await domain.openConsole({ force: true })).destroy(),
  screen: (domain) => domain.screenshot(),
  memory: (domain) => domain.coreDump('/nonexistent/dump'),
  disk: (domain) => domain.snapshots(),
  restart: (domain) => domain.reboot(),
  shutdown: (domain) => domain.shutdown(),
  agent: (domain) => domain.qemuAgentCommand('{"execute":"guest-ping"}', { timeout: 1 }),
  save: (domain) => domain.managedSave(),
};

/** Whether the driver has a call at all; that the call fails for another reason says that it has. */
async function has(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (SandformError.is(error)) return error.code !== 'LIBVIRT_UNSUPPORTED';
    throw error;
  }
}

describe.each([
  ['qemu', 'uri', MACHINE],
  ['lxc', 'lxcUri', CONTAINER],
] as const)('libvirt’s driver for %s', (hypervisor, uri, xml) => {
  it('offers what the capability table says', async () => {
    await using connection = await LibvirtConnection.open((await testHost())[uri]);
    const found: Record<string, boolean> = {};
    for (const [name, call] of Object.entries(CALLS)) {
      const domain = await connection.domains.define(xml(`cap-${randomBytes(4).toString('hex')}`));
      try {
        await domain.create();
        found[name] = await has(call(domain));
      } finally {
        if ((await domain.info()).active) await domain.destroy();
        await domain.undefine();
      }
    }
    const told = Object.fromEntries(Object.keys(CALLS).map((name) => [name, whyNotOffered({ hypervisor }, name as CapabilityName) === undefined]));
    expect(found).toEqual(told);
    expect(Object.keys(CAPABILITIES)).toEqual(expect.arrayContaining(Object.keys(CALLS)));
  });
});
