import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandformError } from '../../lib/errors';
import type { Sandbox } from '../../hooks-runtime';

/** What a guest that the contract is tried on does with the contract's commands. */
export const CONTRACT_COMMANDS = {
  greets: ['echo', 'hello there'],
  complains: "echo no >&2; exit 3",
  hangs: ['sleep', '1000'],
} as const;

/**
 * What every sandbox keeps, real or fake: hooks that were tested against the one work with the other.
 * @param open gives one that is off
 */
export function describeSandbox(kind: string, open: () => Promise<Sandbox>): void {
  describe(`a ${kind} sandbox`, () => {
    let sandbox: Sandbox;
    let folder: string;
    const heard: string[] = [];
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sandform-contract-'));
      sandbox = await open();
      sandbox.events.onAny(({ name }) => heard.push(name));
    });
    afterAll(async () => {
      await sandbox[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });
    beforeEach(() => heard.splice(0));

    const code = (work: () => Promise<unknown>) => work().then(() => 'done', (error: unknown) => (error as SandformError).code);

    it('does nothing while it is off, and says why', async () => {
      expect(await sandbox.power.state()).toBe('shutoff');
      expect(await code(() => sandbox.commands.run('true'))).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.files.read('/etc/hostname'))).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.screen.capture())).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.ports.connect(80))).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.addresses())).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.memory.dump()[Symbol.asyncIterator]().next())).toBe('SANDBOX_OFF');
      expect(await code(() => sandbox.power.pause())).toBe('STATE_TRANSITION_ILLEGAL');
      expect(heard).toEqual([]);
    });

    it('is switched on, and tells when its guest answers', async () => {
      await sandbox.power.poweron();
      expect(await sandbox.power.state()).toBe('running');
      const { channel, elapsed } = await sandbox.waitForGuest();
      expect({ channel, elapsed }).toEqual({ channel: 'ssh', elapsed: expect.any(Number) });
      expect(heard[0]).toBe('pre_poweron');
      expect(heard.at(-1)).toBe('guest_ready');
      expect(heard).toEqual(expect.arrayContaining(['domain_started', 'post_poweron']));
      expect(await code(() => sandbox.power.poweron())).toBe('STATE_TRANSITION_ILLEGAL');
    });

    it('runs commands, and tells how they ended', async () => {
      const pieces: string[] = [];
      const greeting = await sandbox.commands.run(CONTRACT_COMMANDS.greets, { onStdout: (piece) => pieces.push(Buffer.from(piece).toString()) });
      expect(greeting).toEqual({ command: "echo 'hello there'", exitCode: 0, signal: null, stdout: 'hello there\n', stderr: '', stdoutBytes: 12, stderrBytes: 0, truncated: false, duration: expect.any(Number) });
      expect(pieces.join('')).toBe('hello there\n');
      expect(await sandbox.commands.run(CONTRACT_COMMANDS.complains)).toMatchObject({ exitCode: 3, stdout: '', stderr: 'no\n' });
      expect(await sandbox.commands.run(CONTRACT_COMMANDS.greets, { maxOutput: '5B' })).toMatchObject({ stdout: 'hello', stdoutBytes: 12, truncated: true });
    });

    it('starts commands whose streams are read, and kills them', async () => {
      const greeting = await sandbox.commands.start(CONTRACT_COMMANDS.greets);
      const pieces: Buffer[] = [];
      for await (const piece of greeting.stdout) pieces.push(piece as Buffer);
      expect(Buffer.concat(pieces).toString()).toBe('hello there\n');
      expect(await greeting.wait()).toMatchObject({ exitCode: 0, signal: null });
      const hanging = await sandbox.commands.start(CONTRACT_COMMANDS.hangs);
      await hanging.kill('SIGKILL');
      expect(await hanging.wait()).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    });

    it('ends commands that last too long, or are not wanted any more', async () => {
      expect(await code(() => sandbox.commands.run(CONTRACT_COMMANDS.hangs, { timeout: '300ms' }))).toBe('COMMAND_TIMEOUT');
      expect(await code(() => sandbox.commands.run(CONTRACT_COMMANDS.hangs, { signal: AbortSignal.timeout(300) }))).toBe('INTERRUPTED');
    });

    it('keeps files', async () => {
      const { files } = sandbox;
      await files.mkdir('/tmp/deep/er');
      await files.write('/tmp/deep/er/a', 'one', { mode: 0o600 });
      expect((await files.read('/tmp/deep/er/a')).toString()).toBe('one');
      expect(await files.stat('/tmp/deep/er/a')).toMatchObject({ type: 'file', size: 3, mode: 0o600 });
      expect((await files.list('/tmp/deep')).map(({ name, type }) => ({ name, type }))).toEqual([{ name: 'er', type: 'directory' }]);
      writeFileSync(join(folder, 'local'), Buffer.from([0, 255]));
      await files.upload(join(folder, 'local'), '/tmp/deep/b');
      expect(await files.download('/tmp/deep', join(folder, 'back'))).toEqual({ files: 2, bytes: 5, skipped: [] });
      expect(readFileSync(join(folder, 'back/b'))).toEqual(Buffer.from([0, 255]));
      await files.remove('/tmp/deep', { recursive: true });
      await files.remove('/tmp/deep');
    });

    it('refuses files that are not there, or too big', async () => {
      const reason = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => `${(error as SandformError).code} ${String((error as SandformError).details['reason'])}`);
      await sandbox.files.write('/tmp/big', Buffer.alloc(3000));
      expect(await reason(sandbox.files.read('/tmp/big', { maxSize: '1KiB' }))).toBe('GUEST_FILE too-big');
      expect(await reason(sandbox.files.read('/tmp/missing'))).toBe('GUEST_FILE missing');
      expect(await reason(sandbox.files.write('/tmp/missing/a', 'x'))).toBe('GUEST_FILE missing');
      expect(await reason(sandbox.files.list('/tmp/missing'))).toBe('GUEST_FILE missing');
    });

    it('shows its screen, and refuses ports that nobody listens on', async () => {
      const { type, bytes } = await sandbox.screen.capture();
      expect(type).toMatch(/^image\/(png|x-portable-pixmap)$/);
      expect(bytes.length).toBeGreaterThan(10);
      expect(await code(() => sandbox.ports.connect(9))).toBe('GUEST_PORT');
    });

    it('is paused and resumed', async () => {
      await sandbox.power.pause();
      expect(await sandbox.power.state()).toBe('paused');
      await sandbox.power.resume();
      expect(await sandbox.power.state()).toBe('running');
      expect(heard.filter((name) => /^(pre|post)_/.test(name))).toEqual(['pre_pause', 'post_pause', 'pre_resume', 'post_resume']);
      expect(heard).toEqual(expect.arrayContaining(['domain_suspended', 'domain_resumed']));
    });

    it('ends what runs in it when it is powered off', async () => {
      const running = code(() => sandbox.commands.run(CONTRACT_COMMANDS.hangs));
      await sandbox.commands.run('true');
      await sandbox.power.poweroff();
      expect(await running).toBe('SANDBOX_GONE');
      expect(await sandbox.power.state()).toBe('shutoff');
      expect(heard).toEqual(expect.arrayContaining(['pre_poweroff', 'domain_stopped', 'post_poweroff']));
    });
  });
}
