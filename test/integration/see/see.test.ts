import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildGuest } from '../../../hooks-runtime/host';
import { RunRecord, listRuns } from '../../../hooks-runtime/record';
import { OwnHost } from '../fixtures/own-host';
import { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

const PACKAGE = resolve(__dirname, '../../..');
const EXAMPLE = join(PACKAGE, 'examples/see-migration');

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('see');
  project = TestProject.create(host, '');
  for (const file of ['context.json', 'hooks.json', 'domain.xml', 'sample.sh', 'make-image.sh', 'agent.sh', 'main.ts']) cpSync(join(EXAMPLE, file), join(project.folder, file));
  // The agent in this guest stands in for SEE's own, which is Python: it speaks the same words.
  execFileSync('sh', ['make-image.sh', await buildGuest('micro')], { cwd: project.folder, stdio: 'pipe' });
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** The command line where guests of the test's libvirt can be reached. */
function see(...args: readonly string[]): Program {
  const [program = '', ...words] = host.instance.inside([process.execPath, join(PACKAGE, 'bin/sandform.js'), 'see', ...args]);
  return Program.start(program, words, { cwd: project.folder, env: host.environment });
}

/** The whole disk, of a layer over the example's image. */
function contentOf(layer: string): Buffer {
  const whole = join(project.folder, 'whole.raw');
  execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', join(project.folder, 'image.qcow2'), layer]);
  execFileSync('qemu-img', ['check', '-q', layer]);
  execFileSync('qemu-img', ['convert', '-O', 'raw', layer, whole]);
  return readFileSync(whole);
}

const CONFIGURATION = ['--context', 'context.json', '--hooks', 'hooks.json'] as const;
const RUN = ['run', ...CONFIGURATION, '--sample', 'sample.sh', '--command', 'sh {sample}'] as const;
const nothingLeft = async () => expect(await host.leftovers({ images: true })).toEqual([]);

describe("SEE's configurations", () => {
  it('run by the customary protocol, leave a record, and nothing else', async () => {
    const { stdout } = await project.expectDone(see(...RUN, '--wait', '2s', '--json'));
    const { folder, left, verdict, notes } = JSON.parse(stdout) as { folder: string; left: string[]; verdict: { outcome: string }; notes: { kind: string }[] };
    expect(notes).toContainEqual(expect.objectContaining({ kind: 'attention' }));
    expect({ left, outcome: verdict.outcome }).toEqual({ left: [], outcome: 'passed' });

    const record = await RunRecord.open(folder);
    const events: string[] = [];
    for await (const entry of record.entries()) if (entry?.type === 'event' && entry.source !== 'libvirt') events.push(entry.name);
    const inOrder = ['run_started', 'post_poweron', 'ip_address', 'run_sample', 'agent_answered', 'post_pause', 'snapshots_capture', 'screenshot_taken', 'memory_dumped', 'post_resume', 'post_shutdown', 'start_analysis', 'wait_analysis', 'run_ending'];
    expect(events.filter((name, index) => inOrder.includes(name) && (name !== 'screenshot_taken' || index > events.indexOf('snapshots_capture')))).toEqual(inOrder);
    expect(events).toContain('midway');

    const [answer] = record.artifacts('agent-answer');
    expect(JSON.parse(readFileSync(join(folder, answer!.file), 'utf8'))).toMatchObject({ exit_code: 0, command_output: expect.stringContaining('ran as root on Linux') });
    const [memory] = record.artifacts('memory');
    expect(gunzipSync(readFileSync(join(folder, memory!.file))).toString('latin1', 0, 4)).toBe('\x7fELF');
    const checkpoints = record.artifacts('disk');
    expect(checkpoints.map(({ reason }) => reason)).toEqual(['ip_address', 'post_shutdown']);
    // Before the sample ran, and after: what it left behind is in the second alone.
    expect(checkpoints.map(({ file }) => contentOf(join(folder, file)).includes('a trace of the sample'))).toEqual([false, true]);
    const [trace] = record.artifacts('network');
    const packets = readFileSync(join(folder, trace!.file));
    expect([packets.readUInt32LE(0), packets.includes('ran as root')]).toEqual([0xa1b2c3d4, true]);
    await nothingLeft();
  });

  it('become a stack that deploys', async () => {
    execFileSync(process.execPath, ['--import', join(PACKAGE, 'node_modules/tsx/dist/loader.mjs'), 'main.ts'], { cwd: project.folder, env: { ...process.env, ...host.environment }, stdio: 'pipe' });
    await project.expectDone(await project.apply('see'));
    expect(await project.planIsClean('see')).toBe(true);
    const xml = host.virsh('dumpxml', '--inactive', 'see-sandbox');
    expect(['pc', 'hda', 'cirrus', 'localtime', 'tablet'].filter((word) => !xml.includes(word))).toEqual([]);
    expect(xml).not.toContain('52:54:00:12:34:56');
    await project.destroyed('see');
    await nothingLeft();
  });

  it('that were killed in the middle leave what the reaper takes', async () => {
    const run = see(...RUN);
    await run.shows(/is deployed/);
    run.killTree();
    await run.end;
    await project.expectDone(project.sandform('reap', '--all'));
    await nothingLeft();
  });

  it('with mistakes are told all of them, and nothing is made', async () => {
    project.write('bad.json', JSON.stringify({ domain: { configuration: 'domain.xml' }, disk: { image: 'gone.qcow2', clon: {} }, network: { dynamic_address: { ipv4: '10.0.0.1', prefix: 8, subnet_prefix: 24 } } }));
    const before = (await listRuns(project.runs)).runs.length;
    const { exitCode, stdout } = await see('run', '--context', 'bad.json', '--json').end;
    const { errors } = JSON.parse(stdout).error as { errors: { code: string; doing: string }[] };
    expect({ exitCode, places: errors.map(({ code, doing }) => `${code} ${doing}`) }).toEqual({ exitCode: 2, places: ['SEE_INVALID bad.json: disk.clon', 'SEE_INVALID bad.json: network.dynamic_address', 'IMAGE_MISSING bad.json: disk.image'] });
    for (const words of [['--sample', 'gone.sh'], ['--sample', 'sample.sh', '--command', 'start'], ['--without', 'Nobody']]) {
      expect((await see('run', ...CONFIGURATION, '--check', ...words).end).errors).toContain('SEE_INVALID');
    }
    expect((await listRuns(project.runs)).runs).toHaveLength(before);
    await nothingLeft();
  });
});
