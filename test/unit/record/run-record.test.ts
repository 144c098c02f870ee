import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { SandformError } from '../../../lib/errors';
import { isolationOf } from '../../../lib/isolation';
import { RunDocument } from '../../../lib/record';
import { mistakesOf } from '../../../lib/spec';
import { type RecordLimits, type RunFacts, RunRecord, RunRecorder, findRun, finishInterrupted, finishInterruptedRuns, listRuns, projectFolder, runsFolder } from '../../../hooks-runtime/record';
import { fakeSpec } from '../../../testing';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'sandform-record-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const facts = (address = 'lab/victim'): RunFacts => ({
  address,
  sandbox: fakeSpec(),
  isolation: isolationOf({ hypervisor: 'qemu', accelerator: 'tcg' }),
  host: { name: 'h', uri: 'qemu:///system', libvirt: '9.0.0', hypervisor: 'QEMU 7.2.22' },
  software: { sandform: '0.1.0', node: 'v22' },
  command: 'true',
});
const begin = (limits?: Partial<RecordLimits>) => RunRecorder.create(root, facts(), limits);
const event = (name: string, data: Record<string, unknown> = {}, source = 'h') => ({ name, source, timestamp: Date.now(), data });

/** A record whose owner is gone, as after `kill -9`. */
function killed(): RunRecorder {
  const recorder = begin();
  const file = join(recorder.folder, 'run.json');
  const run = JSON.parse(readFileSync(file, 'utf8')) as RunDocument;
  writeFileSync(file, JSON.stringify({ ...run, owner: { ...run.owner, startTime: '1' } }));
  return recorder;
}

describe('a run record', () => {
  it('is a folder that only its owner may read, named so that names sort by time', () => {
    const recorder = begin();
    expect(recorder.run.id).toMatch(/^\d{8}T\d{6}Z-lab-victim-[a-z0-9]{4}$/);
    expect(statSync(recorder.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(recorder.folder, 'run.json')).mode & 0o777).toBe(0o600);
    expect(mistakesOf(RunDocument, JSON.parse(readFileSync(join(recorder.folder, 'run.json'), 'utf8')))).toEqual([]);
    expect(readdirSync(root)).toEqual([recorder.run.id]);
  });

  it('tells a reader, while it is written, what there is so far', async () => {
    const recorder = begin();
    recorder.event(event('run_started'));
    recorder.hookAttached('shots', 'sandform/hooks#Screenshots');
    recorder.add('screenshot', Buffer.from('picture'), { mediaType: 'image/png', source: 'shots' });
    const record = await RunRecord.open(recorder.folder);
    expect(record.run.status).toBe('running');
    expect(record.contents.events).toBe(1);
    expect(record.hook('shots')).toMatchObject({ outcome: { status: 'running' } });
    expect(record.artifacts('screenshot')).toMatchObject([{ file: 'artifacts/0001-screenshot.png', size: 7, source: 'shots' }]);
  });

  it('holds everything in run.json alone once it has ended', async () => {
    const recorder = begin();
    recorder.hookAttached('a', 'x#A');
    recorder.failure('a', new SandformError('HOOK_FAILED', { doing: 'x' }), 'poke');
    recorder.hookDetached('a', { calls: 2, duration: 1.5, dropped: 0 });
    const command = recorder.startCommand('echo hi', 'run');
    command.stdout(Buffer.from('hi\n'));
    command.end({ exitCode: 0, signal: null, duration: 4 });
    recorder.finish({ outcome: 'failed', reasons: [] });
    rmSync(join(recorder.folder, 'events.ndjson'));
    const record = await RunRecord.open(recorder.folder);
    expect(record.run).toMatchObject({ status: 'failed', verdict: { outcome: 'failed' } });
    expect(record.hook('a')).toMatchObject({ outcome: { status: 'failed', code: 'HOOK_FAILED' }, calls: 2, errors: [{ event: 'poke' }] });
    expect(record.commands).toMatchObject([{ id: 1, exitCode: 0, stdout: { bytes: 3, kept: 3 }, stderr: { bytes: 0, kept: 0 } }]);
    expect(readdirSync(recorder.folder).sort()).toEqual(['artifacts', 'run.json']);
  });

  it('adds up to the same for who writes it and who reads it, whatever was recorded', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('event' as const), name: fc.string(), data: fc.dictionary(fc.string(), fc.anything()) }),
      fc.record({ kind: fc.constant('failure' as const), hook: fc.string(), text: fc.string() }),
      fc.record({ kind: fc.constant('attach' as const), hook: fc.string(), text: fc.string() }),
      fc.record({ kind: fc.constant('command' as const), text: fc.string(), output: fc.uint8Array(), ends: fc.boolean() }),
      fc.record({ kind: fc.constant('file' as const), name: fc.string(), type: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'text/plain')), bytes: fc.uint8Array() }),
      fc.record({ kind: fc.constant('note' as const), text: fc.string() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const recorder = begin();
        for (const one of steps) {
          if (one.kind === 'event') recorder.event(event(one.name, one.data));
          else if (one.kind === 'failure') recorder.failure(one.hook, new SandformError('HOOK_FAILED', { doing: one.text, given: one.text }));
          else if (one.kind === 'attach') recorder.hookAttached(one.hook, one.text);
          else if (one.kind === 'note') recorder.note('h', one.text);
          else if (one.kind === 'file') recorder.add(one.name, one.bytes, { mediaType: one.type, source: 'h' });
          else {
            const command = recorder.startCommand(one.text, 'run');
            command.stdout(one.output);
            if (one.ends) command.end({ exitCode: 0, signal: null, duration: 1 });
          }
        }
        const running = await RunRecord.open(recorder.folder);
        expect(running.contents).toEqual(JSON.parse(JSON.stringify(recorder.summary.toJSON(0))));
        recorder.finish({ outcome: 'passed', reasons: [] });
        const ended = await RunRecord.open(recorder.folder);
        expect(ended.contents).toEqual(running.contents);
        expect(ended.contents.artifacts.every(({ file }) => existsSync(join(recorder.folder, file)))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a record whose process was killed', () => {
  it('says that it was interrupted, and keeps all that was written', async () => {
    const recorder = killed();
    recorder.event(event('a'));
    recorder.event(event('b'));
    const record = await RunRecord.open(recorder.folder);
    expect(record.run.status).toBe('interrupted');
    expect(record.contents.events).toBe(2);
  });

  it('can be read wherever its last line was torn', async () => {
    const recorder = killed();
    for (const name of ['a', 'b', 'c']) recorder.event(event(name, { text: 'ü🙂"\\' }));
    const journal = join(recorder.folder, 'events.ndjson');
    const whole = readFileSync(journal);
    const lines = whole.toString().trimEnd().split('\n');
    const twoLines = Buffer.byteLength(lines.slice(0, 2).join('\n')) + 1;
    for (let length = whole.length - 2; length >= twoLines; length -= 1) {
      truncateSync(journal, length);
      expect((await RunRecord.open(recorder.folder)).contents.events).toBe(2);
    }
  });

  it('can be read when somebody put other lines into it', async () => {
    const recorder = killed();
    appendFileSync(join(recorder.folder, 'events.ndjson'), `\u0000\n{}\n[1]\n"x"\n${'y'.repeat(5 * 2 ** 20)}\n{"type":"event"}\n`);
    recorder.event(event('a'));
    expect((await RunRecord.open(recorder.folder)).contents.events).toBe(1);
  });

  it('is given its end and its report by the reaper, who may come twice', async () => {
    const recorder = killed();
    recorder.event(event('a'));
    mkdirSync(join(root, '.new-123-abc'));
    const { finished, unreadable } = await finishInterruptedRuns(root);
    expect(unreadable).toEqual([]);
    expect(finished).toHaveLength(1);
    const record = await RunRecord.open(recorder.folder);
    expect(record.run).toMatchObject({ status: 'interrupted', verdict: { outcome: 'interrupted', reasons: [{ code: 'INTERRUPTED' }] }, summary: { events: 1 } });
    expect(record.run.endedAt).toBeDefined();
    expect(readdirSync(recorder.folder).sort()).toEqual(['artifacts', 'events.ndjson', 'report.html', 'run.json']);
    expect((await finishInterruptedRuns(root)).finished).toEqual([]);
  });

  it('is left alone while its process runs', async () => {
    const recorder = begin();
    const record = await RunRecord.open(recorder.folder);
    expect(await finishInterrupted(record)).toBe(record);
    expect((await RunRecord.open(recorder.folder)).run.endedAt).toBeUndefined();
  });
});

describe('what a hook keeps', () => {
  it('gets a name of ours, whatever it is called', () => {
    const recorder = begin();
    const names = ['../../etc/passwd', '/abs', '', '.', 'Ünï"<script>', 'a'.repeat(500), 'CON', 'x\u0000y', 'greeting.txt', '🙂'];
    const files = names.map((name, index) => recorder.add(name, Buffer.from(String(index)), { mediaType: index % 2 ? 'text/plain' : 'text/html', source: 'h' }).file);
    expect(files.every((file) => /^artifacts\/\d{4}-[a-z0-9-]{1,80}\.(txt|bin)$/.test(file))).toBe(true);
    expect(readdirSync(join(recorder.folder, 'artifacts'))).toHaveLength(names.length);
  });

  it('is kept once where the bytes are the same', () => {
    const recorder = begin();
    const add = (text: string) => recorder.add('screenshot', Buffer.from(text), { mediaType: 'image/png', source: 'h' });
    const first = add('a');
    add('b');
    expect(first.repeated).toBe(false);
    expect(add('a')).toEqual({ file: first.file, repeated: true });
    expect(recorder.summary.artifacts).toHaveLength(2);
  });

  it('is refused with HOOK_FLOOD beyond the limits of a file, a run, and a number of files', () => {
    const recorder = begin({ artifact: 10, artifacts: 25, artifactCount: 3 });
    const add = (size: number, fill: string) => recorder.add('x', Buffer.alloc(size, fill), { mediaType: 'text/plain', source: 'h' });
    const flood = expect.objectContaining({ code: 'HOOK_FLOOD' });
    expect(() => add(11, 'a')).toThrow(flood);
    add(10, 'b');
    add(10, 'c');
    expect(() => add(10, 'd')).toThrow(flood);
    add(5, 'e');
    expect(() => add(0, 'f')).toThrow(flood);
  });

  it('is kept while it comes, and gone where it comes to more than its limit or breaks off', async () => {
    const recorder = begin({ artifact: 1, streamed: 10 });
    const keep = (...pieces: readonly (string | Error)[]) =>
      recorder.keep('x', (async function* () {
        for (const piece of pieces) {
          if (typeof piece !== 'string') throw piece;
          yield await Promise.resolve(Buffer.from(piece));
        }
      })(), { mediaType: 'text/plain', source: 'h' });
    const { file } = await keep('12345', '67890');
    expect(readFileSync(join(recorder.folder, file), 'utf8')).toBe('1234567890');
    await expect(keep('12345', '678901')).rejects.toMatchObject({ code: 'HOOK_FLOOD' });
    await expect(keep('1', new SandformError('LIBVIRT_LOST', { doing: 'reading' }))).rejects.toMatchObject({ code: 'LIBVIRT_LOST' });
    expect(readdirSync(join(recorder.folder, 'artifacts'))).toHaveLength(1);
    expect(recorder.summary.artifacts).toMatchObject([{ file, size: 10, digest: createHash('sha256').update('1234567890').digest('hex') }]);
  });
});

describe('the output of a command', () => {
  it('is kept up to its limit and counted beyond', async () => {
    const recorder = begin({ artifact: 10 });
    const command = recorder.startCommand('yes', 'run');
    for (let count = 0; count < 5; count += 1) command.stdout(Buffer.from('yes\n'));
    command.end({ exitCode: null, signal: 'SIGKILL', duration: 1 });
    const [summary] = (await RunRecord.open(recorder.folder)).commands;
    expect(summary).toMatchObject({ exitCode: null, signal: 'SIGKILL', stdout: { bytes: 20, kept: 10 } });
    expect(readFileSync(join(recorder.folder, summary!.stdout!.file), 'utf8')).toBe('yes\nyes\nye');
  });

  it('of one that was cut short is there as far as it came', async () => {
    const recorder = killed();
    recorder.startCommand('sleep', 'run').stdout(Buffer.from('half'));
    const [summary] = (await RunRecord.open(recorder.folder)).commands;
    expect(summary).toMatchObject({ command: 'sleep', stdout: { file: 'artifacts/0001-stdout.txt' } });
    expect(summary?.exitCode).toBeUndefined();
    expect(readFileSync(join(recorder.folder, 'artifacts/0001-stdout.txt'), 'utf8')).toBe('half');
  });
});

describe('events', () => {
  it('with data that is no JSON, or too much, are recorded with a word about it', async () => {
    const recorder = begin();
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    recorder.event(event('loop', loop));
    recorder.event(event('big', { text: 'x'.repeat(100_000) }));
    recorder.event(event('odd', { big: 1n, bytes: Buffer.alloc(3), none: undefined, toJSON: () => { throw new Error('no'); } }));
    const notes: unknown[] = [];
    for await (const entry of (await RunRecord.open(recorder.folder)).entries()) if (entry?.type === 'event') notes.push(entry.data);
    expect(notes).toEqual([{ note: expect.stringContaining('no JSON') }, { note: expect.stringContaining('16384') }, { note: expect.stringContaining('no JSON') }]);
  });

  it('beyond the limit of a run are dropped and counted, told of once; hooks and commands still are recorded', () => {
    const recorder = begin({ journal: 2000 });
    for (let count = 0; count < 100; count += 1) recorder.event(event('e', {}, 'noisy'));
    recorder.startCommand('true', 'run').end({ exitCode: 0, signal: null, duration: 1 });
    recorder.finish({ outcome: 'passed', reasons: [] });
    const { summary } = JSON.parse(readFileSync(join(recorder.folder, 'run.json'), 'utf8')) as RunDocument;
    expect(summary!.events + summary!.dropped).toBe(100);
    expect(summary!.dropped).toBeGreaterThan(50);
    expect(summary!.hooks).toMatchObject([{ name: 'noisy', failures: 1, outcome: { code: 'HOOK_FLOOD' } }]);
    expect(summary!.commands).toMatchObject([{ exitCode: 0 }]);
  });
});

describe('a folder of runs', () => {
  it('lists them newest first, and tells which can not be read', async () => {
    const recorders = [begin(), begin()];
    mkdirSync(join(root, '20260101T000000Z-lab-broken-aaaa'));
    mkdirSync(join(root, 'something else'));
    const { runs, unreadable } = await listRuns(root);
    expect(runs.map(({ run }) => run.id)).toEqual(recorders.map(({ run }) => run.id).sort().reverse());
    expect(unreadable).toMatchObject([{ error: { code: 'RECORD_UNREADABLE' } }]);
  });

  it('that is not there holds none', async () => {
    expect(await listRuns(join(root, 'no'))).toEqual({ runs: [], unreadable: [] });
  });

  it('finds a run by its id, by a beginning of it, as latest, and by its path', async () => {
    const { run, folder } = begin();
    for (const name of [run.id, run.id.slice(0, 8), 'latest', folder]) expect((await findRun(root, name)).run.id).toBe(run.id);
    await expect(findRun(root, 'nothing')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(findRun(root, join(root, 'no'))).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    begin();
    await expect(findRun(root, run.id.slice(0, 8))).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('is named by SANDFORM_RUNS, else lies beside the nearest cdktf.json, else in the working directory', () => {
    const inner = join(root, 'a/b');
    mkdirSync(inner, { recursive: true });
    expect(runsFolder({ SANDFORM_RUNS: '/elsewhere' }, inner)).toBe('/elsewhere');
    expect(runsFolder({ SANDFORM_RUNS: 'here' }, inner)).toBe(join(inner, 'here'));
    expect(runsFolder({}, inner)).toBe(join(inner, '.sandform/runs'));
    writeFileSync(join(root, 'cdktf.json'), '{}');
    expect(runsFolder({}, inner)).toBe(join(root, '.sandform/runs'));
    expect(projectFolder(inner)).toBe(root);
  });
});

describe('a document that is no record', () => {
  it('is refused with RECORD_UNREADABLE, whatever it is', async () => {
    const { folder } = begin();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        writeFileSync(join(folder, 'run.json'), text);
        await expect(RunRecord.open(folder)).rejects.toMatchObject({ code: 'RECORD_UNREADABLE' });
      }),
    );
  });

  it('of another generation is refused with the fix', async () => {
    const { folder, run } = begin();
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, schemaVersion: 2 }));
    await expect(RunRecord.open(folder)).rejects.toMatchObject({ code: 'RECORD_UNREADABLE', fix: expect.stringContaining('wrote it') });
  });
});
