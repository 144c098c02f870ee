import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ImageStore } from '../../../hooks-runtime/store';
import type { FileSource } from '../../../lib/images';
import { qcow2 } from './image-server';

let folder: string;
let raw: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-formats-'));
  raw = join(folder, 'disk.raw');
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', raw, '8M']);
  execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 7 1M 1M', raw], { stdio: 'ignore' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => rmSync(join(folder, 'cache'), { recursive: true, force: true }));

const pull = (path: string, more: Partial<FileSource> = {}) => ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache') }).pull({ name: 'disk', source: { kind: 'file', path, ...more } }, { project: folder });
const convert = (format: string, name = `disk.${format}`, options: string[] = []) => {
  execFileSync('qemu-img', ['convert', '-q', '-f', 'raw', '-O', format, ...options, raw, join(folder, name)]);
  return name;
};
const packed = (name: string, bytes: Buffer) => (writeFileSync(join(folder, name), bytes), name);
const sameAsRaw = (file: string, format: string) => execFileSync('qemu-img', ['compare', '-q', '-f', 'raw', '-F', format, raw, file]);
const leftInWork = () => readdirSync(join(folder, 'cache/store/partial'));

describe('a disk that is published as', () => {
  it.each<[string, () => string]>([
    ['qcow2', () => convert('qcow2')],
    ['vmdk', () => convert('vmdk')],
    ['vmdk for streams', () => convert('vmdk', 'stream.vmdk', ['-o', 'subformat=streamOptimized'])],
    ['vdi', () => convert('vdi')],
    ['vhdx', () => convert('vhdx')],
    ['qcow2 in gz', () => packed('a.qcow2.gz', gzipSync(readFileSync(join(folder, convert('qcow2')))))],
    ['vmdk in zst', () => packed('a.vmdk.zst', zstdCompressSync(readFileSync(join(folder, convert('vmdk')))))],
    ['qcow2 in xz', () => packed('a.qcow2.xz', execFileSync('xz', ['-c', join(folder, convert('qcow2'))], { maxBuffer: 2 ** 26 }))],
  ])('%s becomes a qcow2 with the same content, and the same name each time', async (_format, publish) => {
    const path = publish();
    const { pinned, image: disk } = await pull(path);
    expect(disk).toMatchObject({ format: 'qcow2', virtualSize: 8 * 2 ** 20, digest: pinned.image.digest });
    sameAsRaw(disk.file, 'qcow2');
    expect(leftInWork()).toEqual([]);
    rmSync(join(folder, 'cache'), { recursive: true });
    expect((await pull(path)).pinned.image).toEqual(pinned.image);
  });

  it('raw in gz stays raw, with holes where there are zeros', async () => {
    const { image: disk } = await pull(packed('a.raw.gz', gzipSync(readFileSync(raw))), { format: 'raw' });
    expect(disk).toMatchObject({ format: 'raw', virtualSize: 8 * 2 ** 20, size: 8 * 2 ** 20 });
    sameAsRaw(disk.file, 'raw');
    expect(Number(execFileSync('stat', ['-c', '%b', disk.file], { encoding: 'utf8' })) * 512).toBeLessThan(2 * 2 ** 20);
  });
});

describe('a disk is refused', () => {
  const overlay = (format: string, name: string) => {
    convert(format, `base.${format}`);
    execFileSync('qemu-img', ['create', '-q', '-f', format, '-b', join(folder, `base.${format}`), '-F', format, join(folder, name)]);
    return name;
  };
  it.each<[string, string, () => string]>([
    ['a qcow2 over a file of the host', 'IMAGE_BACKED', () => overlay('qcow2', 'over.qcow2')],
    ['a vmdk over a file of the host', 'IMAGE_BACKED', () => overlay('vmdk', 'over.vmdk')],
    ['a vmdk whose data lie in another file', 'IMAGE_BACKED', () => convert('vmdk', 'flat.vmdk', ['-o', 'subformat=monolithicFlat'])],
    ['a vdi with a parent', 'IMAGE_BACKED', () => { const vdi = readFileSync(join(folder, convert('vdi'))); vdi.writeUInt32LE(4, 76); return packed('diff.vdi', vdi); }],
    ['a vmdk that is cut', 'IMAGE_CONVERSION', () => packed('broken.vmdk', readFileSync(join(folder, convert('vmdk', 'stream.vmdk', ['-o', 'subformat=streamOptimized']))).subarray(0, 66_000))],
    ['a vhdx of zeros', 'IMAGE_CONVERSION', () => packed('broken.vhdx', Buffer.concat([Buffer.from('vhdxfile'), Buffer.alloc(2 ** 20)]))],
    ...[['gz', gzipSync], ['zst', zstdCompressSync], ['xz', (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes })]].map(([name, compressed]): [string, string, () => string] => [`a ${name as string} that is cut`, 'IMAGE_CONVERSION', () => packed('cut', (compressed as (bytes: Buffer) => Buffer)(qcow2(300_000)).subarray(0, -3))]),
    ['an xz that is none', 'IMAGE_CONVERSION', () => packed('broken.xz', Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), qcow2(1000)]))],
  ])('%s ends with %s, before any program follows what it says', async (_what, code, publish) => {
    await expect(pull(publish())).rejects.toMatchObject({ code });
    expect(leftInWork()).toEqual([]);
    expect(readdirSync(join(folder, 'cache/store'))).not.toContain('disks');
  });
});
