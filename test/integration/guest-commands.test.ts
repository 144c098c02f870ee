import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Command, Sandbox } from '../../hooks-runtime/sandbox';
import { type TestSandbox, testSandbox } from './fixtures/test-sandbox';

let deployed: TestSandbox;
let sandbox: Sandbox;
beforeAll(async () => {
  deployed = await testSandbox();
  sandbox = await deployed.connect();
  await sandbox.waitForGuest();
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await deployed[Symbol.asyncDispose]();
});

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

describe('a command in the guest', () => {
  it('gives its exit code and both streams', async () => {
    await expect(sandbox.commands.run('echo out; echo err >&2; exit 7')).resolves.toMatchObject({ exitCode: 7, signal: null, stdout: 'out\n', stderr: 'err\n', truncated: false, stdoutBytes: 4 });
  });

  it('tells which signal ended it', async () => {
    await expect(sandbox.commands.run('kill -9 $$')).resolves.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  it('gets arguments, environment and folder as they are, whatever they hold', async () => {
    const odd = `a 'b' "c" $HOME \`id\` \\ \n 🙂 ;&|<>*?`;
    await sandbox.files.mkdir(`/tmp/${odd}`);
    const result = await sandbox.commands.run(['/bin/sh', '-c', 'printf "%s|%s|%s" "$1" "$ODD" "$PWD"', 'sh', odd], { env: { ODD: odd }, cwd: `/tmp/${odd}` });
    expect(result).toMatchObject({ exitCode: 0, stdout: `${odd}|${odd}|/tmp/${odd}` });
  });

  it('ends with 126 where its folder is not there, with 127 where its program is not', async () => {
    await expect(sandbox.commands.run('true', { cwd: '/nowhere' })).resolves.toMatchObject({ exitCode: 126 });
    await expect(sandbox.commands.run(['no-such-program'])).resolves.toMatchObject({ exitCode: 127 });
  });

  it('reads text, bytes and streams to their end, and nothing by default', async () => {
    await expect(sandbox.commands.run('cat')).resolves.toMatchObject({ exitCode: 0, stdout: '' });
    await expect(sandbox.commands.run('cat', { stdin: 'text' })).resolves.toMatchObject({ stdout: 'text' });
    const bytes = randomBytes(3_000_000);
    const { stdout } = await sandbox.commands.run('sha256sum', { stdin: Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]) });
    expect(stdout.split(' ')[0]).toBe(sha256(bytes));
  });

  it('does not fail where it ends before it has read its input', async () => {
    await expect(sandbox.commands.run('exit 3', { stdin: Buffer.alloc(5_000_000) })).resolves.toMatchObject({ exitCode: 3 });
  });

  it('keeps the beginning of its output and counts the rest', async () => {
    const seen: number[] = [];
    const result = await sandbox.commands.run('head -c 3000000 /dev/zero', { maxOutput: '1KiB', onStdout: (chunk) => seen.push(chunk.length) });
    expect(result).toMatchObject({ stdoutBytes: 3_000_000, truncated: true });
    expect(result.stdout).toHaveLength(1024);
    expect(seen.reduce((sum, length) => sum + length, 0)).toBe(3_000_000);
  });

  it('waits for a reader that does not read', async () => {
    const running = await sandbox.commands.start('head -c 20000000 /dev/zero; echo done >&2');
    const done = new Promise((resolve) => running.stderr.once('data', resolve));
    await expect(Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1500, 'held'))])).resolves.toBe('held');
    let bytes = 0;
    for await (const chunk of running.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(20_000_000);
    await expect(running.wait()).resolves.toMatchObject({ exitCode: 0, stdoutBytes: 20_000_000 });
  });

  it('ends though what it left behind holds its output open', async () => {
    await expect(sandbox.commands.run('sleep 1000 & echo $!')).resolves.toMatchObject({ exitCode: 0, stdoutBytes: expect.any(Number) });
    await expect(sandbox.commands.run('pidof sleep')).resolves.toMatchObject({ exitCode: 0 });
    await sandbox.commands.run('killall sleep');
  });

  it('runs beside fifty others', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, (_, index) => sandbox.commands.run(`echo ${index}; exit ${index}`)));
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(results.map((_, index) => [index, `${index}\n`]));
  });

  it('takes turns where there are more than the guest can hold', async () => {
    const results = await Promise.all(Array.from({ length: 300 }, () => sandbox.commands.run('sleep 0.2; echo ok')));
    expect(results.filter(({ stdout }) => stdout === 'ok\n')).toHaveLength(300);
  });
});

describe('ending a command', () => {
  const survivors = async (mark: string) => (await sandbox.commands.run(`ps | grep -c "[s]leep ${mark}"`)).stdout.trim();

  it('at its timeout kills it and its children inside the guest', async () => {
    await expect(sandbox.commands.run('echo before; sleep 4001 | sleep 4001; true', { timeout: '2s' })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT', details: { stdout: 'before\n' } });
    expect(await survivors('4001')).toBe('0');
  });

  it('by an abort signal kills it likewise', async () => {
    const controller = new AbortController();
    const result = sandbox.commands.run('echo up; sleep 4002', { signal: controller.signal, onStdout: () => controller.abort() });
    await expect(result).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await survivors('4002')).toBe('0');
  });

  it('by a signal lets it handle the signal', async () => {
    const running = await sandbox.commands.start('trap "echo caught; exit 9" USR1; echo ready; while :; do sleep 0.05; done');
    running.stdout.once('data', () => void running.kill('SIGUSR1'));
    await expect(running.wait()).resolves.toMatchObject({ exitCode: 9 });
  });

  it('does nothing where it has ended, and refuses what is no signal', async () => {
    const running = await sandbox.commands.start('exit 0');
    await running.wait();
    await expect(running.kill()).resolves.toBeUndefined();
    const other = await sandbox.commands.start('sleep 4003');
    await expect(other.kill('SIG; reboot' as never)).rejects.toMatchObject({ code: 'USAGE' });
    await other.kill('SIGKILL');
    await expect(other.wait()).resolves.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });
});

describe('a pseudo-terminal', () => {
  it('has the size that was asked for, follows a resize, and passes Ctrl-C on', async () => {
    const running = await sandbox.commands.start('stty size; echo $TERM; read line; stty size; sleep 4004', { pty: { columns: 100, rows: 30, term: 'vt100' } });
    let seen = '';
    const shows = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => (seen.includes(text) ? resolve() : void running.stdout.once('data', look));
        look();
      });
    running.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await shows('30 100\r\nvt100\r\n');
    running.resize(120, 40);
    running.stdin.write('go\r');
    await shows('40 120\r\n');
    running.stdin.write('\x03');
    await expect(running.wait()).resolves.toMatchObject({ exitCode: null, signal: 'SIGINT' });
  });
});

describe('a command that makes no sense', () => {
  it.each<[Command, string]>([
    ['', 'nothing'],
    [[], 'no program'],
    ['a\0b', 'a zero byte'],
    ['x'.repeat(200_000), 'more than fits'],
  ])('%# is refused before the guest hears of it (%s)', async (command) => {
    await expect(sandbox.commands.run(command)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('refuses names of variables that a shell would run', async () => {
    await expect(sandbox.commands.run('true', { env: { 'A=$(reboot)': '' } })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
