import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

/** A stack, with what differs between the two deploys. */
const stack = (keeps: string, grows: string, more: string) => `
  const { Timers, WaitForGuest } = require('sandform/hooks');
  const stack = new SandboxStack(app, 'lab');
  const network = new SandboxNetwork(stack, 'net');
  const keeps = new Sandbox(stack, 'keeps', { guest: Guest.micro(), networks: [network], ${keeps} });
  new Sandbox(stack, 'grows', { guest: Guest.micro(), ${grows} });
  ${more}`;

interface Deployed {
  readonly uuid: string;
  readonly boot: string;
}

let host: OwnHost;
let project: TestProject;
const before: Record<string, Deployed> = {};
beforeAll(async () => {
  host = await OwnHost.up('faults-changed');
  project = TestProject.create(host, stack(`labels: { color: 'red', old: 'yes' }, owner: 'ada', ttl: '1h'`, `memory: '128MiB'`, `new Sandbox(stack, 'goes', { guest: idle(), networks: [network], disks: [{ name: 'data', size: '64MiB' }] });`));
  await project.deployed('lab');
  expect(await project.planIsClean('lab')).toBe(true);
  for (const name of ['keeps', 'grows']) before[name] = { uuid: uuidOf(name), boot: await inGuest(name, 'cat /proc/sys/kernel/random/boot_id') };
  await inGuest('grows', 'echo here >/root/mark; sync');

  project.declare(stack(`labels: { color: 'blue' }, owner: 'grace', ttl: '2h', hooks: [new Timers({ timers: { poke: '1s' } }), new WaitForGuest()]`, `memory: '160MiB'`, ''));
  await project.deployed('lab');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const uuidOf = (name: string) => host.virsh('domuuid', `lab-${name}`).trim();
const listed = async (): Promise<Record<string, unknown>[]> => JSON.parse((await project.expectDone(project.sandform('ps', 'lab', '--json'))).stdout).sandboxes;

async function inGuest(name: string, command: string): Promise<string> {
  return (await project.expectDone(project.sandform('exec', `lab/${name}`, '--', 'sh', '-c', command))).stdout.trim();
}

describe('another deploy of a running stack', () => {
  it('plans nothing more, neither at once nor after a run', async () => {
    expect(await project.planIsClean('lab')).toBe(true);
    await project.expectDone(project.sandform('run', 'lab/keeps', '--', 'true'));
    expect(await project.planIsClean('lab')).toBe(true);
  });

  it('changes hooks, labels, owner and TTL under the running guest', async () => {
    expect({ uuid: uuidOf('keeps'), boot: await inGuest('keeps', 'cat /proc/sys/kernel/random/boot_id') }).toEqual(before['keeps']);
    const [keeps] = (await listed()).filter(({ address }) => address === 'lab/keeps');
    expect(keeps).toMatchObject({ state: 'running', labels: { color: 'blue' }, owner: 'grace', hooks: ['timers', 'wait-for-guest'] });
    expect(Date.parse(String(keeps!['expiry'])) - Date.parse(String(keeps!['birth']))).toBe(2 * 3600_000);
  });

  it('replaces a sandbox whose memory changed, with a fresh disk', async () => {
    expect(uuidOf('grows')).not.toBe(before['grows']!.uuid);
    expect(host.virsh('dominfo', 'lab-grows')).toMatch(/Max memory: +163840 KiB/);
    expect(await inGuest('grows', 'ls /root')).not.toContain('mark');
  });

  it('removes a sandbox that is no longer declared, with its disks', async () => {
    expect((await listed()).map(({ address }) => address)).toEqual(['lab/grows', 'lab/keeps']);
    expect((await host.leftovers()).filter((name) => name.includes('lab-goes'))).toEqual([]);
  });

  it('removes everything where nothing is declared any more', async () => {
    project.declare(`new SandboxStack(app, 'lab');`);
    await project.deployed('lab');
    expect(await listed()).toEqual([]);
    expect(await project.planIsClean('lab')).toBe(true);
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
