import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { runningProcesses } from '../../../hooks-runtime/processes';
import { ImageStore, removeStored, storedFiles, unusedFiles } from '../../../hooks-runtime/store';
import type { FileSource } from '../../../lib/images';
import { eventually } from '../../integration/fixtures/eventually';
import { Program } from '../../integration/fixtures/program';

/** Large enough that unpacking or converting it takes a good part of a second. */
const [PLAIN, RAW] = [64 * 2 ** 20, 96 * 2 ** 20];
const PROGRAM = `
const { ImageStore } = require('./dist/hooks-runtime/store');
ImageStore.open().pull({ name: 'disk', source: JSON.parse(process.env.SOURCE) }, { project: '/' });`;
const HOUR = 3_600_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-killed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const store = () => join(folder, 'cache/store');
const names = (kind: string) => (existsSync(join(store(), kind)) ? readdirSync(join(store(), kind)) : []);
const qcow2 = (bytes: number) => {
  const raw = join(folder, 'raw');
  writeFileSync(raw, randomBytes(bytes));
  execFileSync('qemu-img', ['convert', '-q', '-f', 'raw', '-O', 'qcow2', raw, join(folder, 'disk.qcow2')]);
  return readFileSync(join(folder, 'disk.qcow2'));
};
const vmdk = () => {
  writeFileSync(join(folder, 'raw'), randomBytes(RAW));
  execFileSync('qemu-img', ['convert', '-q', '-f', 'raw', '-O', 'vmdk', join(folder, 'raw'), join(folder, 'disk.vmdk')]);
  return readFileSync(join(folder, 'disk.vmdk'));
};
/** What xz takes a while for. */
const text = () => Buffer.concat([qcow2(2 ** 20), Buffer.from(randomBytes(8 * 2 ** 20).toString('base64'))]);
const xz = (bytes: Buffer) => execFileSync('xz', ['-0', '-c'], { input: bytes, maxBuffer: 2 ** 28 });

it.each<[string, () => Buffer, 'killTree' | 'kill']>([
  ['unpacked zst', () => zstdCompressSync(qcow2(PLAIN)), 'killTree'],
  ['unpacked xz', () => xz(text()), 'killTree'],
  ['had a vmdk converted', vmdk, 'killTree'],
  ['had a vmdk converted, and whose converter was not', vmdk, 'kill'],
])('what a process left that was killed while it %s is used by nobody, and the next one makes the disk', async (_what, content, kill) => {
  const source: FileSource = { kind: 'file', path: join(folder, 'published') };
  writeFileSync(source.path, content());
  const program = Program.start(process.execPath, ['-e', PROGRAM], { cwd: resolve(__dirname, '../../..'), env: { SANDFORM_CACHE: join(folder, 'cache'), SOURCE: JSON.stringify(source) } });
  while (!names('partial').some((name) => name.includes('.disk') && statSync(join(store(), 'partial', name)).size > 2 ** 20)) {
    if (program.hasEnded) throw new Error(program.output);
    await soon();
  }
  if (kill === 'killTree') program.killTree();
  else program.kill('SIGKILL');
  expect((await program.end).signal).toBe('SIGKILL');

  expect([names('disks'), names('versions')]).toEqual([[], []]);
  // Whom the kernel kills with its parent is gone once it was scheduled, and not because it was done.
  await eventually('whoever works on it to end', () => workingOn(folder).length === 0);
  const [left = '', ...more] = names('partial');
  expect([left, more]).toEqual([expect.stringContaining('.disk'), []]);
  expect(statSync(join(store(), 'partial', left)).size).toBeLessThan(RAW);

  const { pinned, image } = await ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache') }).pull({ name: 'disk', source }, { project: '/' });
  expect(image.digest).toBe(pinned.image.digest);
  expect(createHash('sha256').update(readFileSync(image.file)).digest('hex')).toBe('content' in image ? image.content : image.digest);
  if ('content' in image) execFileSync('qemu-img', ['compare', '-q', join(folder, 'raw'), image.file, '-f', 'raw', '-F', 'qcow2']);
  expect([names('partial'), names('locks')]).toEqual([[], []]);
});

it('what nobody goes on with is pruned', async () => {
  await ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache') }).pull({ name: 'disk', source: { kind: 'file', path: (qcow2(2 ** 20), join(folder, 'disk.qcow2')) } }, { project: '/' });
  execFileSync('mkdir', ['-p', join(store(), 'partial')]);
  writeFileSync(join(store(), 'partial', 'left.disk'), 'half of it');
  const hourAgo = new Date(Date.now() - HOUR);
  for (const { path } of storedFiles(store())) utimesSync(path, hourAgo, hourAgo);
  for (const file of unusedFiles(store(), { unusedForMs: 0, needed: new Set() })) removeStored(store(), file);
  expect(storedFiles(store())).toEqual([]);
});

/** Processes that still have a file of a folder among their words. */
function workingOn(path: string): number[] {
  return runningProcesses().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}
