import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { reap, type ReapSelection } from '../../../hooks-runtime/reap';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

let host: OwnHost;
let project: TestProject;

const STACK = `
const lab = new SandboxStack(app, 'lab');
const net = new SandboxNetwork(lab, 'net', { subnet: '10.204.1.0/24' });
new Sandbox(lab, 'one', { guest: idle(), networks: [net], ttl: '1s' });
new Sandbox(lab, 'two', { guest: idle() });
`;

beforeAll(async () => {
  host = await OwnHost.up('test-redeploy');
  project = TestProject.create(host, STACK);
});
afterAll(async () => {
  project[Symbol.dispose]();
  await host[Symbol.asyncDispose]();
});
afterEach(async () => {
  await project.destroyed('lab');
  expect(await host.leftovers({ images: true })).toEqual([]);
});

const reaped = (selection: ReapSelection) => reap({ uri: host.uri, selection, runs: project.runs });

describe('the Terraform state, after its sandboxes were reaped', () => {
  it.each<[string, ReapSelection]>([
    ['everything, images included', { all: true }],
    ['the stack', { stack: 'lab' }],
    ['what is expired', { expired: true }],
  ])('deploys again what is missing, with plan clean afterwards (%s)', async (_what, selection) => {
    await project.deployed('lab');
    expect(await project.planIsClean('lab')).toBe(true);

    const { failed } = await reaped(selection);
    expect(failed).toEqual([]);
    expect(await project.planIsClean('lab')).toBe(false);
    await project.deployed('lab');

    expect(await project.planIsClean('lab')).toBe(true);
    await using connection = await LibvirtConnection.open(host.uri);
    const states = await Promise.all((await connection.domains.list()).map(async (domain) => `${domain.name} ${(await domain.state()).state}`));
    expect(states.sort()).toEqual(['lab-one running', 'lab-two running']);
  });

  it('destroys what is left of it', async () => {
    await project.deployed('lab');
    await reaped({ all: true });
  });
});

describe('a stack whose state is lost', () => {
  it('is refused with STACK_DEPLOYED, and deploys once it was reaped', async () => {
    await project.deployed('lab');
    using another = TestProject.create(host, STACK);
    await another.synth();
    const { exitCode, output } = await (await another.apply('lab')).end;
    expect(exitCode).toBe(1);
    expect(output).toContain('STACK_DEPLOYED');
    expect(await project.planIsClean('lab')).toBe(true);
    await reaped({ stack: 'lab' });
    await another.deployed('lab');
    await another.destroyed('lab');
  });
});
