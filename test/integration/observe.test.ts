import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Commands, Screenshots, Timers, WaitForGuest, inlineHook } from '../../hooks-runtime/hooks';
import { type ObserveOptions, observe } from '../../hooks-runtime/run';
import type { Sandbox } from '../../hooks-runtime/sandbox';
import { testSandbox } from './fixtures/test-sandbox';

let runs: string;
beforeEach(() => (runs = mkdtempSync(join(tmpdir(), 'sandform-observe-'))));
afterEach(() => rmSync(runs, { recursive: true, force: true }));

const run = (sandbox: Sandbox, options: ObserveOptions) => observe(sandbox, { runs, projectFolder: runs, ...options });
const hangs = ({ on }: { on: string }) => inlineHook('hangs', ({ events }) => void events.on(on, () => new Promise<void>(() => undefined)));
const throws = ({ on }: { on: string }) => inlineHook('throws', ({ events }) => void events.on(on, () => { throw new Error('boom'); }));
const floods = ({ on }: { on: string }) => inlineHook('floods', ({ events }) => void events.on(on, async () => { for (let n = 0; n < 50_000; n += 1) await events.emit('flood', { n }); }));

describe('a run on a real guest', () => {
  it('powers it on, runs hooks and command, keeps pictures and outputs, and powers it off', async () => {
    await using test = await testSandbox({ running: false, conduct: { power: 'managed', hooks: [{ name: 'waits', from: { package: 'sandform/hooks', export: 'WaitForGuest' }, config: {} }] } });
    await using sandbox = await test.connect();
    const result = await run(sandbox, {
      hooks: [new Screenshots({ on: ['guest_ready'], every: '300ms' }), new Commands({ on: { guest_ready: 'uname -s', poke: ['cat', '/etc/os-release'] } }), new Timers({ timers: { poke: '200ms' } })],
      command: 'echo out; echo err >&2; sleep 1; exit 3',
    });
    expect(result.verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'COMMAND_FAILED' }], command: { exitCode: 3 } });
    expect(result.command).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(result.record.hooks.map(({ name, outcome }) => [name, outcome.status])).toEqual([['waits', 'passed'], ['screenshots', 'passed'], ['commands', 'passed'], ['timers', 'passed']]);
    expect(result.artifacts('screenshot').length).toBeGreaterThan(0);
    expect(result.artifacts('screenshot')[0]?.mediaType).toBe('image/png');
    const uname = result.record.commands.find(({ command }) => command === 'uname -s');
    expect(readFileSync(join(result.record.folder, uname!.stdout!.file), 'utf8')).toBe('Linux\n');
    expect(await sandbox.power.state()).toBe('shutoff');
    expect(readFileSync(result.report!, 'utf8')).toContain('Isolation: Emulation');
  });
});

describe('a hook that misbehaves on a real guest', () => {
  it.each([
    ['never returns', hangs, 'hangs', 'HOOK_DEADLINE'],
    ['throws', throws, 'throws', 'HOOK_FAILED'],
    ['floods', floods, 'floods', 'HOOK_FLOOD'],
  ] as const)('by one that %s is ended, recorded, and stops nobody else', async (_what, misbehaves, name, code) => {
    await using test = await testSandbox({ running: false, conduct: { power: 'managed' } });
    await using sandbox = await test.connect();
    const result = await run(sandbox, { hooks: [misbehaves({ on: 'post_poweron' }), new Screenshots({ on: ['post_poweron'] })], deadline: '2s' });
    expect(result.hook(name)?.outcome).toMatchObject({ status: 'failed', code });
    expect(result.artifacts('screenshot')).toHaveLength(1);
    expect(await sandbox.power.state()).toBe('shutoff');
  });
});

describe('a guest that an operator kills', () => {
  it('ends the run promptly with SANDBOX_GONE', async () => {
    await using test = await testSandbox();
    await using sandbox = await test.connect();
    const kills = inlineHook('kills', ({ events, after }) => void events.once('command_started', () => after('300ms', () => test.domain.destroy())));
    const began = Date.now();
    const result = await run(sandbox, { hooks: [new WaitForGuest(), kills], command: 'sleep 1000' });
    expect(result.verdict).toMatchObject({ outcome: 'failed', reasons: [{ code: 'SANDBOX_GONE' }, ...result.verdict.reasons.slice(1)] });
    expect(result.record.commands[0]?.error?.code).toMatch(/^(SANDBOX_GONE|COMMAND_LOST|INTERRUPTED)$/);
    expect(Date.now() - began).toBeLessThan(40_000);
  });
});

describe('a run that is interrupted', () => {
  it('ends the command in the guest, powers off what it powered on, and says so', async () => {
    await using test = await testSandbox({ running: false, conduct: { power: 'managed' } });
    await using sandbox = await test.connect();
    const controller = new AbortController();
    const aborts = inlineHook('aborts', ({ events }) => void events.on('command_started', () => void setTimeout(() => controller.abort(), 200)));
    const result = await run(sandbox, { hooks: [aborts], command: 'sleep 1000', signal: controller.signal });
    expect(result.verdict).toMatchObject({ outcome: 'interrupted', reasons: [{ code: 'INTERRUPTED' }] });
    expect(result.record.run.status).toBe('interrupted');
    expect(await sandbox.power.state()).toBe('shutoff');
  });
});
