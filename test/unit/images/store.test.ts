import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageStore, damagedFiles, removeStored, storedFiles, unusedFiles } from '../../../hooks-runtime/store';
import { StoreLock } from '../../../hooks-runtime/store/store-lock';
import { ImageServer, qcow2 } from './image-server';

const content = qcow2(4_000_000);
let server: ImageServer;
let cache: string;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'sandform-store-'));
  server = await ImageServer.start(content);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(cache, { recursive: true, force: true });
});

const PROGRAM = `
const { ImageStore } = require('./dist/hooks-runtime/store');
ImageStore.open().pull({ name: 'disk', source: { kind: 'http', url: process.env.URL } }, { project: '/tmp' })
  .then(() => undefined, (error) => { console.error(error); process.exit(1); });`;
const start = (): ChildProcess => spawn(process.execPath, ['-e', PROGRAM], { env: { ...process.env, SANDFORM_CACHE: cache, URL: server.url }, stdio: ['ignore', 'ignore', 'inherit'] });
const files = (folder: string) => (existsSync(join(cache, 'store', folder)) ? readdirSync(join(cache, 'store', folder)) : []);
const pull = () => ImageStore.open({ SANDFORM_CACHE: cache }).pull({ name: 'disk', source: { kind: 'http', url: server.url } }, { project: cache, pause: 1 });

it('has two processes that want the same image fetch it once', async () => {
  const children = [start(), start(), start()];
  const codes = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
  expect(codes).toEqual([0, 0, 0]);
  expect(server.downloads).toBe(1);
  expect(files('locks')).toEqual([]);
});

it('goes on after kill -9 in the middle, and is locked by nobody who is dead', async () => {
  server.fault = (request, response, { content: all }) => {
    if (request.method === 'HEAD') return false;
    response.writeHead(200, { etag: server.etag, 'content-length': all.length });
    response.write(all.subarray(0, 3_000_000));
    return true;
  };
  const child = start();
  const partSize = () => statSync(join(cache, 'store/partial', files('partial')[0] ?? ''), { throwIfNoEntry: false })?.size ?? 0;
  while (files('partial').length === 0 || partSize() < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([files('locks').length, files('blobs').length]).toEqual([1, 0]);
  const [part = ''] = files('partial');
  const { size } = statSync(join(cache, 'store/partial', part));
  server.fault = undefined;
  expect((await pull()).pinned.digest).toBe(server.digest);
  expect(server.asked.at(-1)).toBe(size === 0 ? 'GET /disk.img' : `GET /disk.img bytes=${size}-`);
  expect([files('locks'), files('partial')]).toEqual([[], []]);
});

it('locks one at a time, in one process as well', async () => {
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      using _lock = await StoreLock.take(join(cache, 'locks'), 'key', { signal: AbortSignal.timeout(30_000), onWait: () => undefined });
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders--;
    }),
  );
  expect(most).toBe(1);
});

it('finds a damaged file by hashing, and fetches it again once it was removed', async () => {
  const { image: disk } = await pull();
  const signal = new AbortController().signal;
  const { folder } = ImageStore.open({ SANDFORM_CACHE: cache });
  expect(await damagedFiles(folder, { signal })).toEqual([]);
  writeFileSync(disk.file, Buffer.alloc(content.length));
  const damaged = await damagedFiles(folder, { signal });
  expect(damaged.map(({ name }) => name)).toEqual([server.digest]);
  for (const file of damaged) removeStored(folder, file);
  expect(createHash('sha256').update(readFileSync((await pull()).image.file)).digest('hex')).toBe(server.digest);
});

it('prunes by age, and spares what a live sandbox refers to', async () => {
  const { image: disk } = await pull();
  const { folder } = ImageStore.open({ SANDFORM_CACHE: cache });
  const day = 86_400_000;
  const unused = (needed: string[]) => unusedFiles(folder, { unusedForMs: day, needed: new Set(needed) }).map(({ name }) => name);
  expect(unused([])).toEqual([]);
  const longAgo = new Date(Date.now() - 2 * day);
  utimesSync(disk.file, longAgo, longAgo);
  expect(unused([disk.digest])).toEqual([]);
  expect(unused([])).toEqual([disk.digest]);
  expect(storedFiles(folder)).toHaveLength(1);
});

/** A source as a project has it: a file of a folder. */
const OWN_SOURCE = `
const { createReadStream, statSync } = require('node:fs');
exports.FolderSource = class {
  static source = __filename;
  constructor(config) {
    this.path = config.folder + '/' + config.file;
  }
  async resolve() {
    const { size, mtimeMs } = statSync(this.path);
    return { version: { changed: String(mtimeMs) }, size };
  }
  async read(_version, { offset }) {
    return { offset, bytes: createReadStream(this.path, { start: offset }) };
  }
};`;

it('has an image from a source of the project, which must be the one that was declared', async () => {
  const file = join(cache, 'own-source.cjs');
  writeFileSync(file, OWN_SOURCE);
  writeFileSync(join(cache, 'a.qcow2'), content);
  const source = { kind: 'custom', from: { file: 'own-source.cjs', digest: createHash('sha256').update(readFileSync(file)).digest('hex'), export: 'FolderSource' }, config: { folder: cache, file: 'a.qcow2' } } as const;
  const own = (more: object) => ImageStore.open({ SANDFORM_CACHE: cache }).pull({ name: 'disk', source: { ...source, ...more } }, { project: cache, pause: 1 });
  expect((await own({})).pinned.digest).toBe(server.digest);
  for (const from of [{ ...source.from, digest: 'ab'.repeat(32) }, { ...source.from, export: 'Other' }, { package: 'not-a-dependency', export: 'FolderSource' }]) await expect(own({ from })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
});

it('lets what it fetched last stand in where the place has nothing to give, if it is declared so, and never what was damaged', async () => {
  const pullFrom = (url: string, fallback?: 'stored') => ImageStore.open({ SANDFORM_CACHE: cache }).pull({ name: 'disk', source: { kind: 'http', url, ...(fallback === undefined ? {} : { fallback }) } }, { project: cache, pause: 1 });
  const { image } = await pullFrom(server.url, 'stored');
  server.fault = (_request, response) => (response.writeHead(404).end(), true);
  expect(await pullFrom(server.url, 'stored')).toMatchObject({ image, standsInFor: { code: 'IMAGE_NOT_FOUND' } });
  await expect(pullFrom(`${server.url}2`, 'stored')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  await expect(pullFrom(server.url)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  server.fault = (_request, response) => (response.writeHead(403).end(), true);
  await expect(pullFrom(server.url, 'stored')).rejects.toMatchObject({ code: 'IMAGE_DENIED' });
  rmSync(image.file);
  server.fault = (_request, response) => (response.writeHead(404).end(), true);
  await expect(pullFrom(server.url, 'stored')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
});
