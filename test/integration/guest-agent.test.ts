import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../hooks-runtime/sandbox';
import { type TestSandbox, testSandbox } from './fixtures/test-sandbox';

let deployed: TestSandbox;
let sandbox: Sandbox;
beforeAll(async () => {
  deployed = await testSandbox({ domain: { guest: { name: 'micro', agent: true, user: 'root' } } });
  sandbox = await deployed.connect();
  await expect(sandbox.waitForGuest()).resolves.toMatchObject({ channel: 'agent' });
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await deployed[Symbol.asyncDispose]();
});

describe('a guest with nothing but the QEMU guest agent', () => {
  it('runs commands with exit codes, signals, streams, input, folder and environment', async () => {
    await expect(sandbox.commands.run('echo out; echo err >&2; exit 7')).resolves.toMatchObject({ exitCode: 7, signal: null, stdout: 'out\n', stderr: 'err\n' });
    await expect(sandbox.commands.run('kill -9 $$')).resolves.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    await expect(sandbox.commands.run(['/bin/sh', '-c', 'cat; echo "$A|$PWD"'], { stdin: "it's in", env: { A: "x'y" }, cwd: '/tmp' })).resolves.toMatchObject({ stdout: "it's inx'y|/tmp\n" });
  });

  it('runs ten at once', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => sandbox.commands.run(`echo ${index}; exit ${index}`)));
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(results.map((_, index) => [index, `${index}\n`]));
  });

  it('passes output on while the command runs, and more of it than one answer holds', async () => {
    const running = await sandbox.commands.start('echo first; sleep 1000');
    const first = await new Promise<Buffer>((resolve) => running.stdout.once('data', resolve));
    expect(first.toString()).toBe('first\n');
    await running.kill('SIGKILL');
    await expect(running.wait()).resolves.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    await expect(sandbox.commands.run('head -c 1000000 /dev/zero', { maxOutput: '1KiB' })).resolves.toMatchObject({ stdoutBytes: 1_000_000, truncated: true });
  });

  it('kills a command with its children at the timeout, and leaves no files behind', async () => {
    await expect(sandbox.commands.run('echo before; sleep 4001 | sleep 4001; true', { timeout: '2s' })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT', details: { stdout: 'before\n' } });
    const { stdout } = await sandbox.commands.run('ps | grep -c "[s]leep 4001"; ls -A /tmp | grep -c sandform-');
    expect(stdout).toBe('0\n2\n');
  });

  it('says what the agent cannot do', async () => {
    await expect(sandbox.commands.start('true', { pty: { columns: 80, rows: 24 } })).rejects.toMatchObject({ code: 'GUEST_NO_CHANNEL' });
    const running = await sandbox.commands.start('sleep 1000');
    running.stdin.write('late');
    await expect(running.wait()).rejects.toMatchObject({ code: 'GUEST_NO_CHANNEL' });
  });

  it('reads, writes, lists and removes files', async () => {
    const bytes = randomBytes(300_000);
    await sandbox.files.mkdir('/tmp/a/b');
    await sandbox.files.write("/tmp/a/b/it's\n🙂", bytes, { mode: 0o600 });
    await expect(sandbox.files.read("/tmp/a/b/it's\n🙂")).resolves.toEqual(bytes);
    await expect(sandbox.files.list('/tmp/a/b')).resolves.toEqual([expect.objectContaining({ name: "it's\n🙂", type: 'file', size: bytes.length, mode: 0o600 })]);
    await expect(sandbox.files.stat('/tmp/a')).resolves.toMatchObject({ type: 'directory' });
    await expect(sandbox.files.read('/tmp/none')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'missing' } });
    await sandbox.files.remove('/tmp/a', { recursive: true });
    await expect(sandbox.files.stat('/tmp/a')).rejects.toMatchObject({ code: 'GUEST_FILE' });
  });

  it('is reached again after a save and restore', async () => {
    await sandbox.power.save();
    await expect(sandbox.commands.run('true')).rejects.toMatchObject({ code: 'SANDBOX_OFF' });
    await sandbox.power.restore();
    await expect(sandbox.commands.run('echo back')).resolves.toMatchObject({ stdout: 'back\n' });
  });

  it('tells of a sandbox that ends while a command runs', async () => {
    const running = await sandbox.commands.start('sleep 1000');
    const lost = expect(running.wait()).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
    await deployed.domain.destroy();
    await lost;
  });
});
