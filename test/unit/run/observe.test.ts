import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SandformError } from '../../../lib/errors';
import { Commands, Screenshots, Timers, WaitForGuest, inlineHook } from '../../../hooks-runtime/hooks';
import { RunRecord } from '../../../hooks-runtime/record';
import { type ObserveOptions, Run, observe } from '../../../hooks-runtime/run';
import { FAKE_PICTURE, type FakeSandbox, fakeSandbox } from '../../../testing';

const { bytes: PNG } = FAKE_PICTURE;
const never = () => new Promise<never>(() => undefined);

let runs: string;
beforeEach(() => (runs = mkdtempSync(join(tmpdir(), 'sandform-run-'))));
afterEach(() => rmSync(runs, { recursive: true, force: true }));

const run = (sandbox: FakeSandbox, options: ObserveOptions = {}) => observe(sandbox, { runs, projectFolder: runs, ...options });

const hangs = ({ on }: { on: string }) => inlineHook('hangs', ({ events }) => void events.on(on, never));
const throws = ({ on }: { on: string }) => inlineHook('throws', ({ events }) => void events.on(on, () => { throw new Error('boom <script>'); }));

async function namesOfEvents(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of (await RunRecord.open(folder)).entries()) if (entry?.type === 'event') names.push(entry.name);
  return names;
}

describe('a run with a command', () => {
  it('powers the sandbox on, waits for the guest, runs the command, powers it off, and records all of it', async () => {
    const sandbox = fakeSandbox();
    sandbox.answer = () => Promise.resolve({ stdout: 'hello\n', stderr: 'oh\n' });
    const chunks: string[] = [];
    const result = await run(sandbox, { command: ['echo', 'it is'], timeout: '1m', onStdout: (chunk) => chunks.push(Buffer.from(chunk).toString()) });

    expect(result.verdict).toEqual({ outcome: 'passed', reasons: [], command: { exitCode: 0, signal: null } });
    expect(result.command).toMatchObject({ exitCode: 0, stdout: 'hello\n' });
    expect(chunks).toEqual(['hello\n']);
    expect(sandbox.calls).toEqual(['poweron', 'waitForGuest', "run echo 'it is'", 'poweroff']);
    expect(await namesOfEvents(result.record.folder)).toEqual([
      'run_started', 'pre_poweron', 'domain_started', 'post_poweron', 'guest_ready', 'command_started', 'command_finished', 'run_ending', 'pre_poweroff', 'domain_stopped', 'post_poweroff',
    ]);
    const [command] = result.record.commands;
    expect(command).toMatchObject({ command: "echo 'it is'", source: 'run', exitCode: 0, stdout: { bytes: 6, kept: 6 } });
    expect(readFileSync(join(result.record.folder, command!.stdout!.file), 'utf8')).toBe('hello\n');
    expect(result.record.run).toMatchObject({ status: 'completed', address: 'lab/victim', command: "echo 'it is'", isolation: { level: 'emulation' }, host: { libvirt: '9.0.0' } });
    expect(statSync(result.record.folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(result.record.folder).sort()).toEqual(['artifacts', 'events.ndjson', 'report.html', 'run.json']);
  });

  it('leaves a sandbox on that was on before', async () => {
    const sandbox = fakeSandbox({ state: 'running' });
    await run(sandbox, { command: 'true' });
    expect(sandbox.calls).toEqual(['waitForGuest', 'run true']);
  });

  it('fails with COMMAND_FAILED where the exit code is not 0, and keeps the code', async () => {
    const sandbox = fakeSandbox();
    sandbox.answer = () => Promise.resolve({ exitCode: 3 });
    const { verdict, record } = await run(sandbox, { command: 'false' });
    expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'COMMAND_FAILED' }], command: { exitCode: 3 } });
    expect(record.run.status).toBe('failed');
  });

  it('fails with the error of a command that never began, and powers off', async () => {
    const sandbox = fakeSandbox();
    sandbox.guestAnswers = () => Promise.reject(new SandformError('GUEST_UNREACHABLE', { doing: 'waiting' }));
    const { verdict, command } = await run(sandbox, { command: 'true' });
    expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'GUEST_UNREACHABLE' }] });
    expect(command).toBeUndefined();
    expect(sandbox.calls.at(-1)).toBe('poweroff');
  });

  it('fails with COMMAND_TIMEOUT where its deadline ends it', async () => {
    const sandbox = fakeSandbox();
    sandbox.answer = never;
    const { verdict } = await run(sandbox, { command: 'sleep 1000', deadline: '30ms' });
    expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'COMMAND_TIMEOUT' }] });
  });

  it('refuses a paused sandbox, and leaves it paused', async () => {
    const sandbox = fakeSandbox({ state: 'paused' });
    const { verdict } = await run(sandbox, { command: 'true' });
    expect(verdict.reasons).toMatchObject([{ code: 'STATE_TRANSITION_ILLEGAL' }]);
    expect(sandbox.calls).toEqual([]);
  });

  it('ends promptly with SANDBOX_GONE when the sandbox is killed', async () => {
    const sandbox = fakeSandbox();
    sandbox.answer = () => {
      void wait(5).then(() => sandbox.stops());
      return never();
    };
    const { verdict } = await run(sandbox, { command: 'sleep 1000', hooks: [hangs({ on: 'nothing' })] });
    expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'SANDBOX_GONE' }] });
    expect(sandbox.calls).not.toContain('poweroff');
  });

  it('ends with LIBVIRT_LOST when the connection ends, without asking libvirt any more', async () => {
    const sandbox = fakeSandbox();
    sandbox.answer = () => {
      void sandbox.events.emit('host_lost', { error: new SandformError('LIBVIRT_LOST', { doing: 'x' }).toJSON() }, 'libvirt');
      return never();
    };
    const { verdict } = await run(sandbox, { command: 'sleep 1000' });
    expect(verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'LIBVIRT_LOST' }] });
    expect(sandbox.calls).not.toContain('poweroff');
  });

  it('is interrupted by its signal: in order, recorded, powered off', async () => {
    const sandbox = fakeSandbox();
    const controller = new AbortController();
    sandbox.answer = () => {
      controller.abort(new SandformError('INTERRUPTED', { doing: 'waiting for the end', details: { signal: 'SIGTERM' } }));
      return never();
    };
    const { verdict, record } = await run(sandbox, { command: 'sleep 1000', signal: controller.signal });
    expect(verdict).toMatchObject({ outcome: 'interrupted', reasons: [{ code: 'INTERRUPTED', details: { signal: 'SIGTERM' } }] });
    expect(record.run.status).toBe('interrupted');
    expect(sandbox.calls.at(-1)).toBe('poweroff');
  });

  it('does nothing to the sandbox where the signal came before', async () => {
    const sandbox = fakeSandbox();
    const { verdict } = await run(sandbox, { command: 'true', signal: AbortSignal.abort() });
    expect(verdict.outcome).toBe('interrupted');
    expect(sandbox.calls).toEqual([]);
  });
});

describe('a run without a command', () => {
  it('ends at once where there is nothing to do', async () => {
    const sandbox = fakeSandbox();
    const { verdict } = await run(sandbox);
    expect(verdict).toEqual({ outcome: 'passed', reasons: [] });
    expect(sandbox.calls).toEqual(['poweron', 'poweroff']);
  });

  it('goes on until timers are done, and not for intervals', async () => {
    const fired: string[] = [];
    const listens = inlineHook('listens', ({ events, every }) => {
      events.on('poke', () => void fired.push('poke'));
      every('5ms', () => void fired.push('tick'));
    });
    const { verdict, hook } = await run(fakeSandbox(), { hooks: [listens, new Timers({ timers: { poke: '60ms' } })] });
    expect(verdict.outcome).toBe('passed');
    expect(fired.filter((name) => name === 'poke')).toHaveLength(1);
    expect(fired.filter((name) => name === 'tick').length).toBeGreaterThan(2);
    expect(hook('timers')).toMatchObject({ outcome: { status: 'passed' }, calls: 3 });
  });

  it('with nothing but intervals lasts until its deadline, which is no failure', async () => {
    let ticks = 0;
    const { verdict } = await run(fakeSandbox(), { hooks: [inlineHook('ticks', ({ every }) => every('5ms', () => void (ticks += 1)))], deadline: '60ms' });
    expect(verdict.outcome).toBe('passed');
    expect(ticks).toBeGreaterThan(3);
  });

  it('waits for the guest where a hook runs commands in it, and for asynchronous handlers', async () => {
    const sandbox = fakeSandbox();
    const asked: string[] = [];
    const slow = inlineHook('slow', ({ events }) => void events.on('guest_ready', async () => { await wait(20); asked.push('slow'); }, { mode: 'async' }));
    const { verdict, record } = await run(sandbox, { hooks: [new Commands({ on: { guest_ready: 'uname -a' } }), slow] });
    expect(verdict.outcome).toBe('passed');
    expect(record.commands).toMatchObject([{ command: 'uname -a', source: 'commands', exitCode: 0 }]);
    expect(asked).toEqual(['slow']);
  });

  it('is ended by stop() and by disposal', async () => {
    const sandbox = fakeSandbox();
    let result;
    {
      await using under = Run.start(sandbox, { runs, projectFolder: runs, hooks: [inlineHook('ticks', ({ every }) => every('5ms', () => undefined))] });
      result = under.finished;
      await wait(20);
    }
    expect((await result).verdict.outcome).toBe('interrupted');
    expect(sandbox.calls).toEqual(['poweron', 'poweroff']);
  });
});

describe('a hook', () => {
  it('that never returns is ended at the deadline, recorded, and stops nobody else', async () => {
    const result = await run(fakeSandbox(), { hooks: [hangs({ on: 'post_poweron' }), new Screenshots({ on: ['post_poweron'] })], deadline: '100ms' });
    expect(result.hook('hangs')?.outcome).toMatchObject({ status: 'failed', code: 'HOOK_DEADLINE' });
    expect(result.artifacts('screenshot')).toHaveLength(1);
    expect(result.verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'HOOK_DEADLINE' }] });
  });

  it('that throws is recorded, and stops nobody else', async () => {
    const result = await run(fakeSandbox(), { hooks: [throws({ on: 'post_poweron' }), new Screenshots({ on: ['post_poweron'] })], command: 'true' });
    expect(result.hook('throws')).toMatchObject({ outcome: { status: 'failed', code: 'HOOK_FAILED' }, failures: 1, errors: [{ event: 'post_poweron', error: { given: 'boom <script>' } }] });
    expect(result.artifacts('screenshot')).toHaveLength(1);
    expect(result.command?.exitCode).toBe(0);
  });

  it('that fires without end is stopped, recorded once, and stops nobody else', async () => {
    const floods = inlineHook('floods', ({ events }) => void events.on('run_started', async () => { for (let n = 0; n < 20_000; n += 1) await events.emit('flood', { n }); }));
    const result = await run(fakeSandbox(), { hooks: [floods, new Screenshots({ on: ['post_poweron'] })] });
    expect(result.hook('floods')).toMatchObject({ outcome: { status: 'failed', code: 'HOOK_FLOOD' }, failures: 1 });
    expect(result.hook('floods')!.dropped).toBeGreaterThan(10_000);
    expect(result.artifacts('screenshot')).toHaveLength(1);
  });

  it('whose configuration is wrong is left out and named', async () => {
    const result = await run(fakeSandbox(), { hooks: [new Screenshots({ on: ['no name'], colour: 'red' } as never), new Timers({ timers: {} })] });
    expect(result.hook('screenshots')?.outcome).toEqual({ status: 'failed', code: 'HOOK_CONFIG_INVALID' });
    expect(result.hook('timers')?.outcome).toEqual({ status: 'passed' });
  });

  it('that can not be loaded is recorded, and the others go on', async () => {
    const declared = [
      { name: 'gone', from: { package: 'no-such-package', export: 'Gone' }, config: {} },
      { name: 'shots', from: { package: 'sandform/hooks', export: 'Screenshots' }, config: { on: ['post_poweron'] } },
    ];
    const result = await run(fakeSandbox({ conduct: { hooks: declared } }));
    expect(result.hook('gone')?.outcome).toEqual({ status: 'failed', code: 'HOOK_NOT_FOUND' });
    expect(result.hook('shots')).toMatchObject({ from: 'sandform/hooks#Screenshots', outcome: { status: 'passed' } });
    expect(result.artifacts('screenshot')).toHaveLength(1);
  });

  it('that rejects or hangs in attach is recorded and leaves nothing subscribed', async () => {
    let called = 0;
    const half = inlineHook('half', ({ events }) => {
      events.on('run_started', () => void (called += 1));
      throw new Error('half-way');
    });
    const result = await run(fakeSandbox(), { hooks: [half] });
    expect(result.hook('half')?.outcome).toMatchObject({ status: 'failed', code: 'HOOK_FAILED' });
    expect(called).toBe(0);
  });

  it('has its timers, intervals and subscriptions ended, and its signal aborted, when the run has ended', async () => {
    const sandbox = fakeSandbox();
    let called = 0;
    let signal: AbortSignal | undefined;
    const hook = inlineHook('leaves', (context) => {
      signal = context.signal;
      context.every('5ms', () => void (called += 1));
      context.after('1h', () => undefined);
      context.events.on('anything', () => void (called += 1));
    });
    await run(sandbox, { hooks: [hook], deadline: '30ms' });
    const before = called;
    await sandbox.events.emit('anything');
    await wait(20);
    expect(called).toBe(before);
    expect(signal?.aborted).toBe(true);
  });

  it('may ask for the guest while who waits for it is about to tell of it', async () => {
    const sandbox = fakeSandbox();
    let answer = (): void => undefined;
    sandbox.guestAnswers = () => new Promise((resolve) => (answer = resolve));
    const asks = inlineHook('asks', ({ events, after, sandbox: own }) => {
      events.on('poke', async () => {
        setTimeout(answer, 10);
        await own.waitForGuest();
      });
      events.once('run_started', () => after('5ms', () => events.emit('poke')));
    }, { deadline: '2s' });
    const result = await run(sandbox, { hooks: [asks], command: 'true' });
    expect(result.verdict.reasons).toEqual([]);
  });

  it('of the same name as another gets a number', async () => {
    const result = await run(fakeSandbox(), { hooks: [inlineHook('x', () => undefined), inlineHook('x', () => undefined), inlineHook('run', () => undefined)] });
    expect(result.record.hooks.map(({ name }) => name)).toEqual(['x', 'x-2', 'run-2']);
  });
});

describe('the hook wait-for-guest', () => {
  it('makes what comes after find a guest that answers, once a boot', async () => {
    const sandbox = fakeSandbox();
    await run(sandbox, { hooks: [new WaitForGuest(), new Commands({ on: { guest_ready: 'a', post_poweron: 'b' } })], command: 'c' });
    expect(sandbox.calls).toEqual(['poweron', 'waitForGuest', 'run a', 'run b', 'run c', 'poweroff']);
  });

  it('waits at the beginning where the sandbox is on', async () => {
    const sandbox = fakeSandbox({ state: 'running' });
    const { hook } = await run(sandbox, { hooks: [new WaitForGuest()] });
    expect(sandbox.calls).toEqual(['waitForGuest']);
    expect(hook('wait-for-guest')?.outcome.status).toBe('passed');
  });
});

describe('the hook commands', () => {
  it('fails where a command does, and takes lines, words and options', async () => {
    const sandbox = fakeSandbox();
    const seen: unknown[] = [];
    sandbox.answer = (command, { timeout, cwd }) => {
      seen.push([command, timeout, cwd]);
      return Promise.resolve({ exitCode: command === 'false' ? 1 : 0 });
    };
    const { hook } = await run(sandbox, { hooks: [new Commands({ on: { guest_ready: 'false', one: ['a', 'b'], two: { run: 'c', timeout: '5s', cwd: '/tmp' } } }), new Timers({ timers: { one: '40ms', two: '80ms' } })] });
    expect(seen).toEqual([['false', '1m', undefined], [['a', 'b'], '1m', undefined], ['c', '5s', '/tmp']]);
    expect(hook('commands')).toMatchObject({ outcome: { code: 'COMMAND_FAILED' }, failures: 1 });
  });

  it('does not answer to its own commands', async () => {
    const sandbox = fakeSandbox();
    await run(sandbox, { hooks: [new Commands({ on: { command_finished: 'again' } })], command: 'once' });
    expect(sandbox.calls.filter((call) => call === 'run again')).toHaveLength(1);
  });
});

describe('the hook screenshots', () => {
  it('keeps the same picture once, also where the cursor blinks', async () => {
    const sandbox = fakeSandbox();
    let count = 0;
    sandbox.picture = () => ({ type: 'image/png', bytes: Buffer.concat([PNG, Buffer.from([(count += 1) % 2])]) });
    const result = await run(sandbox, { hooks: [new Screenshots({ every: '2ms' })], deadline: '80ms' });
    expect(count).toBeGreaterThan(4);
    expect(result.artifacts('screenshot')).toHaveLength(2);
    expect((await namesOfEvents(result.record.folder)).filter((name) => name === 'screenshot_taken')).toHaveLength(2);
  });

  it('fails on an event of a sandbox that is off, and passes over intervals then', async () => {
    const { hook } = await run(fakeSandbox(), { hooks: [new Screenshots({ on: ['pre_poweron'], every: '1h' })], deadline: '10ms' });
    expect(hook('screenshots')).toMatchObject({ outcome: { code: 'SANDBOX_OFF' }, failures: 1 });
  });
});

describe('a record that can not be written', () => {
  it('refuses to begin a run, with RECORD_UNWRITABLE', async () => {
    await expect(run(fakeSandbox(), { runs: '/proc/nowhere' })).rejects.toMatchObject({ code: 'RECORD_UNWRITABLE' });
  });
});

it('refuses a deadline that is none, before anything is begun', async () => {
  await expect(run(fakeSandbox(), { deadline: 'soon' as never })).rejects.toMatchObject({ code: 'DURATION_INVALID' });
  expect(readdirSync(runs)).toEqual([]);
});
