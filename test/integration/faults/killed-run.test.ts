import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunRecord, listRuns } from '../../../hooks-runtime/record';
import { registeredProcesses } from '../../../hooks-runtime/processes';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { type Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

/** A moment of a run, known by what it shows on its output, by an event in its journal, or on the host. */
type Moment = RegExp | string | (() => Promise<unknown>);

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-run');
  project = TestProject.create(
    host,
    `const { Screenshots } = require('sandform/hooks');
     const stack = new SandboxStack(app, 'lab');
     const victim = new Sandbox(stack, 'victim', { guest: Guest.micro(), power: 'managed' });
     victim.addHook(new Screenshots({ every: '500ms' }));`,
  );
  await project.synth();
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const runFolders = () => (existsSync(project.runs) ? readdirSync(project.runs).filter((name) => !name.startsWith('.')) : []);
const recordsOf = async () => [...(await listRuns(project.runs)).runs].sort((a, b) => a.run.startedAt.localeCompare(b.run.startedAt));

async function latest(): Promise<RunRecord> {
  const { runs, unreadable } = await listRuns(project.runs);
  expect(unreadable).toEqual([]);
  return (await recordsOf()).at(-1) ?? runs[0]!;
}

async function reached(moment: Moment, run: Program, before: number): Promise<void> {
  if (moment instanceof RegExp) return run.shows(moment);
  if (typeof moment === 'function') return void (await moment());
  const journal = await eventually('a record', () => {
    const folder = runFolders().sort()[before];
    return folder === undefined ? undefined : join(project.runs, folder, 'events.ndjson');
  });
  await eventually(`the event ${moment}`, () => existsSync(journal) && readFileSync(journal, 'utf8').includes(`"${moment}"`));
}

describe('a run that was killed', () => {
  it.each<[string, Moment]>([
    ['when it was listed', () => eventually('its registration', () => registeredProcesses().some(({ what, uri }) => what === 'run' && uri === host.uri))],
    ['when it attached its hooks', 'hook-attached'],
    ['when it powered the sandbox on', 'pre_poweron'],
    ['while the guest booted', 'domain_started'],
    ['when the guest answered', 'guest_ready'],
    ['while its command ran', /up\n/],
    ['while it ended', 'run_ending'],
    ['while it powered the sandbox off', 'pre_poweroff'],
  ])('%s, has a record that says so, and leaves nothing after reap --all', async (_, moment) => {
    await project.expectDone(await project.apply('lab'));
    const before = runFolders().length;
    const run = project.sandform('run', 'lab/victim', '--', 'sh', '-c', 'echo up; sleep 2');
    await reached(moment, run, before);
    run.kill('SIGKILL');
    expect((await run.end).signal).toBe('SIGKILL');
    const recorded = runFolders().length > before;
    if (recorded) expect((await latest()).run).toMatchObject({ status: 'interrupted', address: 'lab/victim' });

    await project.expectDone(project.sandform('reap', '--all'));
    expect(await host.leftovers()).toEqual([]);
    if (recorded) {
      const record = await latest();
      expect(record.run).toMatchObject({ status: 'interrupted', verdict: { outcome: 'interrupted', reasons: [{ code: 'INTERRUPTED' }] } });
      expect(existsSync(join(record.folder, 'report.html'))).toBe(true);
    }
  });
});
