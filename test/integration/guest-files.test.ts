import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Sandbox } from '../../hooks-runtime/sandbox';
import { type TestSandbox, testSandbox } from './fixtures/test-sandbox';

let deployed: TestSandbox;
let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  deployed = await testSandbox();
  sandbox = await deployed.connect();
  await sandbox.waitForGuest();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandform-files-'));
  await sandbox.files.mkdir('/tmp/t');
});
afterEach(async () => {
  await sandbox.files.remove('/tmp/t', { recursive: true });
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await deployed[Symbol.asyncDispose]();
});

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const digestInGuest = async (path: string) => (await sandbox.commands.run(['sha256sum', path])).stdout.split(' ')[0];
const inGuest = async (script: string) => expect(await sandbox.commands.run(script)).toMatchObject({ exitCode: 0 });

describe('files in the guest', () => {
  it('go in and come out byte for byte, ten megabytes each way', async () => {
    const bytes = randomBytes(10_000_001);
    await sandbox.files.write('/tmp/t/big', bytes);
    expect(await digestInGuest('/tmp/t/big')).toBe(sha256(bytes));
    expect(sha256(await sandbox.files.read('/tmp/t/big'))).toBe(sha256(bytes));
    await writeFile(join(folder, 'big'), bytes);
    await sandbox.files.upload(join(folder, 'big'), '/tmp/t/uploaded');
    expect(await digestInGuest('/tmp/t/uploaded')).toBe(sha256(bytes));
    await expect(sandbox.files.download('/tmp/t/uploaded', join(folder, 'back'))).resolves.toEqual({ files: 1, bytes: bytes.length, skipped: [] });
    expect(sha256(await readFile(join(folder, 'back')))).toBe(sha256(bytes));
  });

  it('are written from text and streams, with the permissions asked for', async () => {
    await sandbox.files.write('/tmp/t/text', 'zäh 🙂', { mode: 0o600 });
    await expect(sandbox.files.read('/tmp/t/text')).resolves.toEqual(Buffer.from('zäh 🙂'));
    await expect(sandbox.files.stat('/tmp/t/text')).resolves.toMatchObject({ type: 'file', mode: 0o600, size: 9 });
    await sandbox.files.write('/tmp/t/stream', Readable.from(['a', Buffer.from('b'), 'c']));
    await expect(sandbox.files.read('/tmp/t/stream')).resolves.toEqual(Buffer.from('abc'));
    await sandbox.files.write('/tmp/t/empty', '');
    await expect(sandbox.files.read('/tmp/t/empty')).resolves.toHaveLength(0);
  });

  it('of /proc, which say that they are empty, are read to their end', async () => {
    const { stdout } = await sandbox.commands.run('cat /proc/crypto');
    expect((await sandbox.files.read('/proc/crypto')).toString()).toBe(stdout);
  });

  it('are listed by name, and looked at through links', async () => {
    await inGuest(`cd /tmp/t; mkdir d; ln -s /etc/passwd link; mkfifo pipe; touch "$(printf 'new\\nline')"`);
    await expect(sandbox.files.list('/tmp/t')).resolves.toMatchObject([
      { name: 'd', type: 'directory' },
      { name: 'link', type: 'symlink' },
      { name: 'new\nline', type: 'file' },
      { name: 'pipe', type: 'other' },
    ]);
    await expect(sandbox.files.stat('/tmp/t/link')).resolves.toMatchObject({ type: 'file' });
  });

  it('are removed without following links, and nothing is nothing', async () => {
    await inGuest('cd /tmp/t; mkdir -p keep/me d; ln -s ../keep d/link');
    await expect(sandbox.files.remove('/tmp/t/d')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'exists' } });
    await sandbox.files.remove('/tmp/t/d', { recursive: true });
    await sandbox.files.remove('/tmp/t/none');
    expect((await sandbox.files.list('/tmp/t')).map(({ name }) => name)).toEqual(['keep']);
    await expect(sandbox.files.list('/tmp/t/keep')).resolves.toHaveLength(1);
  });
});

describe('folders', () => {
  it('are uploaded with what is in them, links as links', async () => {
    await mkdir(join(folder, 'tree/sub'), { recursive: true });
    await writeFile(join(folder, 'tree/sub/run.sh'), 'echo hi', { mode: 0o755 });
    await symlink('sub/run.sh', join(folder, 'tree/link'));
    await sandbox.files.upload(join(folder, 'tree'), '/tmp/t/tree');
    await expect(sandbox.commands.run('/tmp/t/tree/sub/run.sh; readlink /tmp/t/tree/link')).resolves.toMatchObject({ stdout: 'hi\nsub/run.sh\n' });
  });

  it('come out as files and folders alone, and nowhere but at their target', async () => {
    await inGuest(`cd /tmp/t; mkdir -p tree/sub; echo 1 >tree/sub/one; chmod 4755 tree/sub/one; ln -s /etc/passwd tree/link; mkfifo tree/pipe; echo x >'tree/..\\..\\evil'; mknod tree/zero c 1 5`);
    const target = join(folder, 'target');
    const { files, skipped } = await sandbox.files.download('/tmp/t/tree', target);
    expect(files).toBe(1);
    expect([...skipped].sort()).toEqual(['/tmp/t/tree/..\\..\\evil', '/tmp/t/tree/link', '/tmp/t/tree/pipe', '/tmp/t/tree/zero']);
    expect(await readdir(target, { recursive: true })).toEqual(['sub', 'sub/one']);
    expect((await lstat(join(target, 'sub/one'))).mode & 0o7777).toBe(0o600);
    await expect(sandbox.files.download('/tmp/t/tree', target)).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'exists' } });
  });
});

describe('a file that makes trouble', () => {
  it('without end is refused beyond the limit, and leaves nothing on the host', async () => {
    await expect(sandbox.files.read('/dev/zero', { maxSize: '1MiB' })).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'too-big' } });
    await expect(sandbox.files.download('/dev/zero', join(folder, 'zero'), { maxSize: '1MiB' })).rejects.toMatchObject({ details: { reason: 'too-big' } });
    expect(await readdir(folder)).toEqual([]);
  });

  it('that gives nothing is given up after a while without progress', async () => {
    await expect(sandbox.files.read('/proc/kmsg', { idleTimeout: '2s' })).rejects.toMatchObject({ code: 'GUEST_UNREACHABLE' });
    await inGuest('mkfifo /tmp/t/pipe');
    await expect(sandbox.files.read('/tmp/t/pipe')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'not-supported' } });
  });

  it('tells what stood in the way', async () => {
    await expect(sandbox.files.read('/tmp/t/none')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'missing' } });
    await expect(sandbox.files.write('/tmp/t', 'x')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'failed' } });
    await expect(sandbox.files.upload(join(folder, 'none'), '/tmp/t/x')).rejects.toMatchObject({ code: 'GUEST_FILE' });
    await expect(sandbox.files.read('a\0b')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('is left when aborted', async () => {
    await expect(sandbox.files.read('/dev/zero', { maxSize: '10GiB', signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
