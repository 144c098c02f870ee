import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackMarkerName } from '../../../lib/naming';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import type { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-destroy');
  project = TestProject.create(
    host,
    `const stack = new SandboxStack(app, 'lab', { ttl: '1h' });
     const network = new SandboxNetwork(stack, 'net');
     new Sandbox(stack, 'victim', { guest: idle(), networks: [network] });`,
  );
  await project.synth();
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const byTerraform = () => project.destroy('lab');
const byCdktf = async () => project.cdktf('destroy', 'lab', '--auto-approve');

describe('a destroy that was killed', () => {
  it.each<[string, () => Promise<Program>, RegExp, 'alone' | 'with all its children']>([
    ['terraform, when it released the sandbox', byTerraform, /release\S*: Provisioning/, 'alone'],
    ['terraform, when it removed the domain', byTerraform, /victim_domain\w*: Destroying/, 'alone'],
    ['terraform, when it removed the network', byTerraform, /net_network\w*: Destroying/, 'with all its children'],
    ['terraform, when the reservation was dropped', byTerraform, /companion_before\S*: Provisioning/, 'with all its children'],
    ['cdktf, when the sandbox was being released', byCdktf, /release\S*: Provisioning/, 'with all its children'],
    ['cdktf, when the domain was gone', byCdktf, /victim_domain\S*: Destruction complete/, 'with all its children'],
  ])('%s: reap --all leaves nothing, and its state serves the next deploy', async (_, destroy, moment, how) => {
    await project.expectDone(await project.apply('lab'));
    const program = await destroy();
    await program.shows(moment);
    if (how === 'alone') program.kill('SIGKILL');
    else program.killTree();
    expect((await program.end).signal).toBe('SIGKILL');
    await project.expectDone(project.sandform('reap', '--all'));
    expect(await host.leftovers()).toEqual([]);
  });

  it.each<[string, RegExp]>([
    ['while the sandbox was being released', /release\S*: Provisioning/],
    ['while the network was being removed', /companion_before\S*: Provisioning/],
  ])('%s is ended by the next destroy', async (_, moment) => {
    await project.expectDone(await project.apply('lab'));
    const program = await project.destroy('lab');
    await program.shows(moment);
    // Terraform writes its state in place at such moments: one that is killed in the midst of that has lost it, which is another case.
    await program.killTreeWhen('a whole state', () => isJson(readFileSync(project.statePath('lab'), 'utf8')));
    await program.end;
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});

describe('a reaper that was killed', () => {
  it('has its work ended by the next', async () => {
    await project.expectDone(await project.apply('lab'));
    const reaper = project.sandform('reap', '--all');
    await eventually('the marker to be gone, which goes first', () => !existsSync(join(host.instance.poolPath, stackMarkerName('lab'))));
    reaper.kill('SIGKILL');
    await reaper.end;
    await project.expectDone(project.sandform('reap', '--all'));
    expect(await host.leftovers()).toEqual([]);
  });
});
