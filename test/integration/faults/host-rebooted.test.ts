import { HostInstance } from '../../../hooks-runtime/host';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

const NAME = 'faults-reboot';

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up(NAME);
  project = TestProject.create(
    host,
    `const stack = new SandboxStack(app, 'lab', { ttl: '1h' });
     const networks = [new SandboxNetwork(stack, 'net')];
     new Sandbox(stack, 'always', { guest: Guest.micro(), networks });
     new Sandbox(stack, 'sometimes', { guest: Guest.micro(), networks, power: 'managed' });`,
  );
  await project.deployed('lab');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const states = () => host.virsh('list', '--all').trim().split('\n').map((line) => line.trim().split(/ {2,}/).slice(1).join(' ')).sort();

/** Power is cut and comes back: every process of the host is gone, and its libvirt begins with what lies on disk. */
async function reboot(): Promise<void> {
  await host.instance.down();
  await HostInstance.up({ name: NAME });
}

describe('a host that was rebooted between deploy and run', () => {
  beforeAll(reboot);

  it('has its sandboxes, which are off', () => {
    expect(states()).toEqual(['lab-always shut off', 'lab-sometimes shut off']);
  });

  it.each(['always', 'sometimes'])('runs the sandbox that is on %s', async (sandbox) => {
    const { output } = await project.expectDone(project.sandform('run', `lab/${sandbox}`, '--', 'echo', 'still here'));
    expect(output).toMatch(/still here/);
  });

  it('plans nothing', async () => {
    expect(await project.planIsClean('lab')).toBe(true);
  });

  it('runs them where their network is down as well', async () => {
    host.virsh('net-destroy', 'lab-net');
    for (const sandbox of ['always', 'sometimes']) await project.expectDone(project.sandform('run', `lab/${sandbox}`, '--', 'true'));
  });

  it('is cleared by an ordinary destroy', async () => {
    await project.destroyed('lab');
    expect(host.virsh('list', '--all', '--name').trim()).toBe('');
    expect(host.virsh('net-list', '--all', '--name').trim()).toBe('');
  });
});
