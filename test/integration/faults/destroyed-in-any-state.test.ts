import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

const STATES = ['off', 'running', 'paused', 'saved', 'snapshot', 'layered', 'crashed', 'gone', 'undefined'] as const;
type State = (typeof STATES)[number];

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-states');
  project = TestProject.create(
    host,
    `const stack = new SandboxStack(app, 'lab');
     const network = new SandboxNetwork(stack, 'net');
     for (const name of ${JSON.stringify(STATES)}) new Sandbox(stack, name, { guest: Guest.micro(), networks: [network], power: 'managed' });`,
  );
  await project.deployed('lab');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const stateOf = (name: State) => host.virsh('domstate', `lab-${name}`).trim();
const virsh = (...args: readonly string[]) => host.virsh(...args);

/** Brings a sandbox into its state, as guests and operators do, and gives libvirt's word for it. */
const bring: Record<State, () => Promise<string> | string> = {
  off: () => stateOf('off'),
  running: () => (virsh('start', 'lab-running'), stateOf('running')),
  paused: () => (virsh('start', '--paused', 'lab-paused'), stateOf('paused')),
  saved: () => (virsh('start', '--paused', 'lab-saved'), virsh('managedsave', 'lab-saved'), /Managed save: +(\w+)/.exec(virsh('dominfo', 'lab-saved'))?.[1] ?? ''),
  snapshot: () => (virsh('snapshot-create-as', 'lab-snapshot', 'before'), virsh('snapshot-list', '--name', 'lab-snapshot').trim()),
  layered: () => {
    virsh('start', '--paused', 'lab-layered');
    virsh('snapshot-create-as', 'lab-layered', 'above', '--disk-only', '--no-metadata');
    // Else the provider fails as it refreshes: it asks for the new layer by its path, and the pool does not know it.
    virsh('pool-refresh', 'sandform');
    return /lab-layered\.root\.above/.exec(virsh('domblklist', 'lab-layered'))?.[0] ?? '';
  },
  crashed: async () => {
    virsh('start', 'lab-crashed');
    // The guest loads the driver of its panic device when it is up already, and lists it before it works.
    const panic = project.sandform('exec', 'lab/crashed', '--', 'sh', '-c', 'until grep -q "^pvpanic_mmio .*Live" /proc/modules; do sleep 0.1; done; echo c >/proc/sysrq-trigger');
    await eventually('the crash', () => stateOf('crashed') === 'crashed');
    expect((await panic.end).errors).toEqual(['SANDBOX_GONE']);
    return stateOf('crashed');
  },
  gone: async () => {
    const before = new Set(host.instance.processIds('qemu-system-x86_64'));
    virsh('start', '--paused', 'lab-gone');
    const [pid = 0] = host.instance.processIds('qemu-system-x86_64').filter((candidate) => !before.has(candidate));
    process.kill(pid, 'SIGKILL');
    return eventually('the loss of its process', () => stateOf('gone') === 'shut off' && stateOf('gone'));
  },
  // Somebody removed its definition: it would vanish with its process.
  undefined: () => (virsh('start', '--paused', 'lab-undefined'), virsh('undefine', 'lab-undefined'), /Persistent: +(\w+)/.exec(virsh('dominfo', 'lab-undefined'))?.[1] ?? ''),
};

describe('cdktf destroy', () => {
  it.each<[State, string]>([
    ['off', 'shut off'],
    ['running', 'running'],
    ['paused', 'paused'],
    ['saved', 'yes'],
    ['snapshot', 'before'],
    ['layered', 'lab-layered.root.above'],
    ['gone', 'shut off'],
    ['undefined', 'no'],
    ['crashed', 'crashed'],
  ])('is to meet a sandbox that is %s', async (name, word) => {
    expect(await bring[name]()).toBe(word);
  });

  it('removes them all, and leaves nothing', async () => {
    await project.expectDone(project.cdktf('destroy', 'lab', '--auto-approve'));
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
