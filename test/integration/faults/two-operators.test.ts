import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';
import { parentOf, programOf, runningProcesses } from '../../../hooks-runtime/processes';

const LAB = `
  const stack = new SandboxStack(app, 'lab', { app: 'shared', ttl: '1h' });
  new Sandbox(stack, 'victim', { guest: Guest.micro(), power: 'managed', networks: [new SandboxNetwork(stack, 'net')] });`;

let host: OwnHost;
let one: TestProject;
let other: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-operators');
  [one, other] = [TestProject.create(host, LAB), TestProject.create(host, LAB)];
  await Promise.all([one.synth(), other.synth()]);
});
afterAll(async () => {
  one?.[Symbol.dispose]();
  other?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

describe('two operators who deploy the same stack at once', () => {
  it('from two places: one has it, the other is told so and harms nothing', async () => {
    const [first, second] = await Promise.all([one.apply('lab'), other.apply('lab')]);
    const ends = [await first.end, await second.end];
    const refused = ends.filter(({ exitCode }) => exitCode !== 0);
    expect(refused.map(({ errors }) => errors)).toEqual([expect.arrayContaining(['STACK_DEPLOYED'])]);
    const [owner, loser] = ends[0]!.exitCode === 0 ? [one, other] : [other, one];
    await loser.destroyed('lab');
    expect(await owner.planIsClean('lab')).toBe(true);
    await owner.expectDone(owner.sandform('run', 'lab/victim', '--', 'true'));
    await owner.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });

  it('with one state: Terraform lets one of them, and the other goes on after it', async () => {
    const [first, second] = [await one.apply('lab'), await one.apply('lab')];
    const ends = [await first.end, await second.end];
    expect(ends.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
    expect(ends.find(({ exitCode }) => exitCode === 1)?.output).toMatch(/Error acquiring the state lock/);
    await one.expectDone(await one.apply('lab'));
    expect(await one.planIsClean('lab')).toBe(true);
    await one.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});

describe('a provider that is killed in the midst of a deploy', () => {
  it.each([
    ['network', /net_network\w*: Creating/],
    ['domain', /victim_domain\w*: Creating/],
  ])('while it makes the %s: the next deploy brings everything about', async (_, moment) => {
    const deploy = await one.apply('lab');
    await deploy.shows(moment);
    await eventually('the provider', () => providersOf(deploy.pid).length > 0);
    for (const pid of providersOf(deploy.pid)) process.kill(pid, 'SIGKILL');
    const { exitCode, output } = await deploy.end;
    // It may have been done by then.
    if (exitCode !== 0) expect(output).toMatch(LOST_PROVIDER);
    await one.expectDone(await one.apply('lab'));
    expect(await one.planIsClean('lab')).toBe(true);
    await one.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});

/** How Terraform heads its words about a provider that went away: by what became of the call. */
const LOST_PROVIDER = /Error: (Plugin did not respond|Request cancelled|Plugin error)/;

/** Provider processes that a terraform started. */
function providersOf(terraform: number): number[] {
  return runningProcesses().filter((pid) => parentOf(pid) === terraform && /terraform-provi/.test(programOf(pid) ?? ''));
}
