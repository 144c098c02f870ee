import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../hooks-runtime';
import { LibvirtConnection } from '../../hooks-runtime/libvirt';
import type { CompanionInput } from '../../lib/companion';
import { domainXml } from '../../lib/domain-xml';
import { OwnHost } from './fixtures/own-host';
import { TestProject } from './fixtures/project';

const URI = 'vbox:///session';

/** Why no VirtualBox can be reached through libvirt here; undefined where one can. */
function whyAbsent(): string | undefined {
  try {
    execFileSync('virsh', ['-q', '-c', URI, 'version'], { timeout: 20_000, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LIBVIRT_AUTOSTART: '0' } });
    return undefined;
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error).trim().split('\n').at(-1);
  }
}

const absent = whyAbsent();
if (absent !== undefined) process.stderr.write(`VirtualBox is not tested live: ${URI} does not answer (${absent})\n`);

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('virtualbox');
  project = TestProject.create(host, '');
  project.write('main.ts', readFileSync(join(__dirname, '../../examples/virtualbox/main.ts')));
  project.write('disk.img', Buffer.alloc(2 ** 20));
  await project.expectDone(project.shell('tsx main.ts'));
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

describe('the example of VirtualBox', () => {
  it('has a machine whose XML libvirt takes', () => {
    const calls = Object.values(JSON.parse(project.configuration('virtualbox')).resource.terraform_data as Record<string, { for_each?: Record<string, { input: { call: CompanionInput[] } }> }>);
    const made = calls.flatMap(({ for_each: all = {} }) => Object.values(all).flatMap(({ input }) => input.call)).flatMap((input) => (input.action === 'make' ? [input.domain] : []));
    expect(made.map(({ name, hypervisor }) => [name, hypervisor])).toEqual([['virtualbox-machine', 'vbox']]);
    const none = () => '';
    const xml = domainXml(made[0]!, { volumePath: (disk) => `/pool/${disk}.vdi`, baseVolumePath: none, seedPath: none, consolePath: none });
    execFileSync('virt-xml-validate', [project.write('machine.xml', xml), 'domain'], { timeout: 30_000 });
    expect(xml).toContain('<source file="/pool/root.vdi"/>');
  });

  (absent === undefined ? it.skip : it)('is refused where no driver answers, before anything is made', async () => {
    expect((await (await project.apply('virtualbox')).end).errors).toContain('DRIVER_UNREACHABLE');
    await project.destroyed('virtualbox');
    expect(await host.leftovers()).toEqual([]);
  });

  (absent === undefined ? it : it.skip)('is deployed, driven and destroyed, from a note where the driver keeps no metadata', async () => {
    await project.expectDone(await project.apply('virtualbox'));
    {
      await using sandbox = await connect('virtualbox/machine', { uri: host.uri });
      await sandbox.power.poweron();
      await sandbox.power.pause();
      await sandbox.power.resume();
      await sandbox.power.poweroff();
    }
    expect(await project.planIsClean('virtualbox')).toBe(true);
    await project.destroyed('virtualbox');
    await using driver = await LibvirtConnection.open(URI);
    expect((await driver.domains.list()).filter(({ name }) => name.startsWith('virtualbox-'))).toEqual([]);
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
