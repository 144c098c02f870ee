import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { ContainerFolders } from '../../../hooks-runtime/containers';
import { RootWriter } from '../../../hooks-runtime/containers/root-writer';
import { tarEntries } from '../../../hooks-runtime/containers/tar-entries';
import { unpackRoot } from '../../../hooks-runtime/containers/unpacked-root';
import { type Thing, tarball } from './tarball';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-root-'));
  root = join(folder, 'root');
  mkdirSync(root);
  writeFileSync(join(folder, 'secret'), 'of the host');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const xz = (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes });

async function unpacked(bytes: Buffer, { shifted = false, limits = { bytes: 2 ** 20, entries: 100 } } = {}): Promise<void> {
  const writer = new RootWriter(root, { doing: 'unpacking', shifted, limits });
  for await (const entry of tarEntries(Readable.from([bytes], { objectMode: false }), 'unpacking')) await writer.write(entry);
}

// By the program: Node's own would follow links.
const contents = () => execFileSync('find', [folder, '-mindepth', '1', '-printf', '%P\n'], { encoding: 'utf8' }).split('\n').filter((name) => name !== '' && name !== 'root' && name !== 'secret').sort();

describe('a tarball that means harm', () => {
  it.each<[string, string, readonly Thing[]]>([
    ['climbs out by ..', 'ROOT_UNSAFE', [{ name: '../secret', content: 'x' }]],
    ['climbs out behind a folder', 'ROOT_UNSAFE', [{ name: 'a/../../secret', content: 'x' }]],
    ['goes through a link of its own to the host', 'ROOT_UNSAFE', [{ name: 'etc', type: 'symlink', linkname: '/etc' }, { name: 'etc/cron.d/x', content: 'x' }]],
    ['goes through a link of its own that climbs', 'ROOT_UNSAFE', [{ name: 'up', type: 'symlink', linkname: '..' }, { name: 'up/secret', content: 'x' }]],
    ['goes through two links', 'ROOT_UNSAFE', [{ name: 'a', type: 'symlink', linkname: 'b' }, { name: 'b', type: 'symlink', linkname: '..' }, { name: 'a/secret', content: 'x' }]],
    ['hard-links to the host', 'ROOT_UNSAFE', [{ name: 'a', type: 'link', linkname: '../secret' }]],
    ['hard-links through a link', 'ROOT_UNSAFE', [{ name: 'up', type: 'symlink', linkname: '..' }, { name: 'a', type: 'link', linkname: 'up/secret' }]],
    ['hard-links to nothing', 'ROOT_UNSAFE', [{ name: 'a', type: 'link', linkname: 'b' }]],
    ['brings a device', 'ROOT_UNSAFE', [{ name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }]],
    ['brings a device behind a link called dev', 'ROOT_UNSAFE', [{ name: 'x/dev/kmem', type: 'character-device', devmajor: 1, devminor: 2 }]],
    ['has a name with a zero byte', 'ROOT_UNSAFE', [{ name: 'a', pax: { path: 'a\0b' }, content: 'x' }]],
    ['has a name that is too long', 'ROOT_UNSAFE', [{ name: 'n'.repeat(300), content: 'x' }]],
    ['nests without end', 'ROOT_TOO_BIG', [{ name: 'd/'.repeat(300), type: 'directory' }]],
    ['holds more than may be', 'ROOT_TOO_BIG', [{ name: 'a', content: 'x'.repeat(2 ** 20) }, { name: 'b', content: 'x' }]],
    ['holds more entries than may be', 'ROOT_TOO_BIG', Array.from({ length: 101 }, (_, index) => ({ name: `f${index}` }))],
  ])('and %s is refused, and nothing is outside', async (_, code, things) => {
    await expect(unpacked(await tarball(things))).rejects.toMatchObject({ code });
    expect(contents().filter((name) => !name.startsWith('root/'))).toEqual([]);
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('of the host');
  });

  it.each([
    ['is cut off', async () => (await tarball([{ name: 'a', content: 'x'.repeat(5000) }])).subarray(0, 2000)],
    ['is cut off in its compression', async () => gzipSync(await tarball([{ name: 'a', content: 'x' }])).subarray(0, 50)],
    ['is cut off in xz', async () => xz(await tarball([{ name: 'a', content: 'x' }])).subarray(0, 80)],
    ['is cut off in zst', async () => zstdCompressSync(await tarball([{ name: 'a', content: 'x' }])).subarray(0, 40)],
    ['is a page of HTML', () => Promise.resolve(Buffer.from(`<!doctype html>${' '.repeat(2000)}`))],
    ['is compressed by something else', async () => brotliCompressSync(await tarball([{ name: 'a', content: 'x'.repeat(5000) }]))],
  ])('%s cannot be read', async (_, bytes) => {
    await expect(unpacked(await bytes())).rejects.toMatchObject({ code: 'ROOT_UNREADABLE' });
  });

  it('expands without end stops at the limit', async () => {
    const bomb = gzipSync(await tarball([{ name: 'zeros', content: '\0'.repeat(8 * 2 ** 20) }]));
    expect(bomb.length).toBeLessThan(20_000);
    await expect(unpacked(bomb)).rejects.toMatchObject({ code: 'ROOT_TOO_BIG' });
  });

  it('names an owner that a user namespace does not have is refused for one', async () => {
    const bytes = await tarball([{ name: 'a', uid: 70_000, content: 'x' }]);
    await expect(unpacked(bytes, { shifted: true })).rejects.toMatchObject({ code: 'ROOT_UNSAFE' });
  });
});

describe('a tarball', () => {
  const things: readonly Thing[] = [
    { name: './', type: 'directory', mode: 0o755 },
    { name: './bin/su', mode: 0o4755, content: 'su', mtime: new Date(1_000_000) },
    { name: './bin/sh', type: 'symlink', linkname: '/bin/su' },
    { name: './bin/same', type: 'link', linkname: './bin/su' },
    { name: './home/one', uid: 1000, gid: 1000, mode: 0o600, content: 'mine' },
    { name: './dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
    { name: './run/pipe', type: 'fifo' },
    { name: './bin/su', mode: 0o4755, content: 'su2' },
  ];

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gz', gzipSync],
    ['xz', xz],
    ['zst', zstdCompressSync],
  ])('%s is unpacked with owners, permissions and links; devices, pipes and what comes twice are dealt with', async (_, compressed) => {
    await unpacked(compressed(await tarball(things)), { shifted: true });
    expect(contents()).toEqual(['root/bin', 'root/bin/same', 'root/bin/sh', 'root/bin/su', 'root/home', 'root/home/one']);
    const [su, one, link] = ['bin/su', 'home/one', 'bin/sh'].map((name) => lstatSync(join(root, name)));
    expect([su?.mode, su?.uid, one?.mode, one?.uid, link?.uid]).toEqual([0o104755, 2_000_000_000, 0o100600, 2_000_001_000, 2_000_000_000]);
    expect([readFileSync(join(root, 'bin/su'), 'utf8'), readFileSync(join(root, 'bin/same'), 'utf8')]).toEqual(['su2', 'su']);
  });

  it('counts as unpacked only as a whole, and what a killed process left of it goes', async () => {
    const bytes = await tarball(things);
    const file = join(folder, 'a.tar');
    writeFileSync(file, bytes);
    const digest = createHash('sha256').update(bytes).digest('hex');
    process.env['SANDFORM_CACHE'] = join(folder, 'cache');
    mkdirSync(join(folder, 'cache/roots'), { recursive: true });
    writeFileSync(join(folder, `cache/roots/${digest}.json`), JSON.stringify({ digest, kind: 'tarball', path: file }));
    const folders = new ContainerFolders(join(folder, 'pool'));
    mkdirSync(join(folders.roots, '.part.4194304.1.00000000-0000-0000-0000-000000000000.abcd'), { recursive: true });
    const container = { root: { digest, kind: 'tarball' as const }, init: ['/bin/sh'], userNamespace: true };
    writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(512)]));
    await expect(unpackRoot(folders, container, { doing: 'unpacking' })).rejects.toMatchObject({ code: 'IMAGE_CHANGED' });
    expect(readdirSync(folders.roots)).toEqual([]);
    writeFileSync(file, bytes);
    await Promise.all([1, 2].map(() => unpackRoot(folders, container, { doing: 'unpacking' })));
    expect(readdirSync(folders.roots)).toEqual([`${digest}.users`]);
  });
});
