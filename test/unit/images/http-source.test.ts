import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ImageStore } from '../../../hooks-runtime/store';
import type { HttpSource, PinnedImage } from '../../../lib/images';
import { type Fault, ImageServer, qcow2 } from './image-server';

const content = qcow2(3_000_000);
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

const store = (variables: Record<string, string> = {}) => ImageStore.open({ SANDFORM_CACHE: cache, ...variables });
const source = (more: Partial<HttpSource> = {}): { name: string; source: HttpSource } => ({ name: 'disk', source: { kind: 'http', url: server.url, ...more } });
const pull = (more: Partial<HttpSource> = {}, variables = {}) => store(variables).pull(source(more), { project: cache, pause: 1 });
/** Files of the store that are neither notes nor whole. */
const partial = () => (existsSync(join(cache, 'store/partial')) ? readdirSync(join(cache, 'store/partial')) : []);
const whole = () => ['blobs', 'disks'].flatMap((folder) => (existsSync(join(cache, 'store', folder)) ? readdirSync(join(cache, 'store', folder)) : []).filter((name) => !name.endsWith('.json')));

/** Sends the beginning of what a good server would, and cuts the connection. */
const cutAfter = (bytes: number): Fault => (request, response, { content: all, etag }) => {
  if (request.method === 'HEAD') return false;
  const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, { etag, 'content-length': all.length - start, ...(start > 0 ? { 'content-range': `bytes ${start}-${all.length - 1}/${all.length}` } : {}) });
  response.write(all.subarray(start, start + bytes), () => response.destroy());
  return true;
};

describe('fetching over HTTP', () => {
  it('brings the very bytes, names their digest and version, and does not fetch them twice', async () => {
    const { pinned, image: disk } = await pull();
    expect(pinned).toMatchObject({ version: { etag: '"first"' }, size: content.length, digest: server.digest, image: { digest: server.digest, format: 'qcow2', virtualSize: 2 ** 26 } });
    expect(readFileSync(disk.file).equals(content)).toBe(true);
    expect(await pull()).toMatchObject({ pinned });
    expect(server.downloads).toBe(1);
    expect(partial()).toEqual([]);
  });

  it.each([1, 1000, 1_000_000])('goes on where it was cut, every %d bytes', async (bytes) => {
    let left = 5;
    const cut = cutAfter(bytes);
    server.fault = (...args) => left-- > 0 && cut(...args);
    expect((await pull()).pinned.digest).toBe(server.digest);
    expect(server.asked.filter((line) => line.includes('bytes='))).not.toEqual([]);
  });

  it('goes on with what an earlier process left', async () => {
    const abort = new AbortController();
    server.fault = (request, response, { content: all }) => {
      if (request.method === 'HEAD') return false;
      response.writeHead(200, { etag: server.etag, 'content-length': all.length });
      response.write(all.subarray(0, 2_000_000));
      return true;
    };
    const onProgress = ({ bytes }: { bytes: number }) => bytes >= 1_000_000 && abort.abort();
    await expect(store().pull(source(), { project: cache, pause: 1, signal: AbortSignal.any([abort.signal, AbortSignal.timeout(400)]), onProgress })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const [part = ''] = partial();
    const kept = statSync(join(cache, 'store/partial', part)).size;
    expect(kept).toBeGreaterThan(0);
    server.fault = undefined;
    expect((await pull()).pinned.digest).toBe(server.digest);
    expect(server.asked.at(-1)).toBe(`GET /disk.img bytes=${kept}-`);
  });

  it('begins anew where what was left is of something else', async () => {
    await pull();
    const key = readdirSync(join(cache, 'store/versions'))[0]!.replace('.json', '');
    rmSync(join(cache, 'store'), { recursive: true });
    const abort = AbortSignal.timeout(100);
    server.fault = (request) => request.method === 'GET';
    await expect(store().pull(source(), { project: cache, pause: 1, signal: abort })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    writeFileSync(join(cache, 'store/partial', key), randomBytes(1_000_000));
    server.fault = undefined;
    expect((await pull({ digest: server.digest })).pinned.digest).toBe(server.digest);
  });

  it('begins anew where the file changes while it is cut', async () => {
    let cuts = 0;
    server.fault = (request, response, self) => {
      if (request.method === 'HEAD' || cuts++ > 0) return false;
      cutAfter(1_000_000)(request, response, self);
      server.content = qcow2(2_500_000);
      server.etag = '"second"';
      return true;
    };
    expect((await pull()).pinned).toMatchObject({ digest: server.digest, version: { etag: '"second"' } });
  });

  it('does without HEAD where a server refuses it', async () => {
    server.fault = (request, response) => request.method === 'HEAD' && Boolean(response.writeHead(405).end());
    expect((await pull()).pinned).toMatchObject({ size: content.length, digest: server.digest });
  });

  it('follows redirects', async () => {
    server.fault = (request, response) => request.url === '/disk.img' && Boolean(response.writeHead(302, { location: '/elsewhere' }).end());
    expect((await pull()).pinned.digest).toBe(server.digest);
  });

  it('goes through the proxy that the environment names', async () => {
    const through = { name: 'disk', source: { kind: 'http', url: 'http://images.invalid/disk.img' } } as const;
    const { pinned } = await store({ http_proxy: new URL(server.url).origin }).pull(through, { project: cache, pause: 1 });
    expect(pinned.digest).toBe(server.digest);
  });
});

const answer = (status: number, headers: Record<string, string> = {}, body = ''): Fault => (_request, response) => Boolean(response.writeHead(status, headers).end(body));
const onGet = (fault: Fault): Fault => (request, response, self) => request.method === 'GET' && fault(request, response, self);
const withBody = (body: Buffer): Fault => (_request, _response, self) => {
  self.content = body;
  return false;
};

describe('bad input', () => {
  it.each<[string, string, Fault, Partial<HttpSource>?, Record<string, string>?]>([
    ['a digest that is not the declared one', 'IMAGE_WRONG_DIGEST', () => false, { digest: 'ab'.repeat(32) }],
    ['a body that is cut again and again', 'IMAGE_UNREACHABLE', cutAfter(0)],
    ['a length that is a lie: fewer bytes', 'IMAGE_UNREACHABLE', onGet((_request, response, { content: all, etag }) => response.writeHead(200, { etag, 'content-length': all.length }).write('x', () => response.destroy()))],
    ['a length that is a lie: more bytes', 'IMAGE_TRUNCATED', onGet((_request, response, { content: all, etag }) => Boolean(response.writeHead(200, { etag }).end(Buffer.concat([all, all]))))],
    ['fewer bytes than were announced', 'IMAGE_TRUNCATED', onGet((_request, response, { etag }) => Boolean(response.writeHead(200, { etag }).end('little')))],
    ['a page in place of the image', 'IMAGE_NOT_A_DISK', withBody(Buffer.from('<!DOCTYPE html><title>Log in</title>'))],
    ['a page in place of a raw image', 'IMAGE_NOT_A_DISK', withBody(Buffer.from('\n<html>Not found')), { format: 'raw' }],
    ['text', 'IMAGE_NOT_A_DISK', withBody(Buffer.from('not a disk'))],
    ['a qcow2 image over another file', 'IMAGE_BACKED', withBody(qcow2(1000, { backing: 200n }))],
    ['a qcow2 image with its data in another file', 'IMAGE_BACKED', withBody(qcow2(1000, { features: 4n }))],
    ['a compressed qcow2 image over another file', 'IMAGE_BACKED', withBody(gzipSync(qcow2(1000, { backing: 200n })))],
    ['a VMDK descriptor that names files', 'IMAGE_BACKED', withBody(Buffer.from('# Disk DescriptorFile\nversion=1\nRW 1 FLAT "/etc/shadow" 0'))],
    ['another format than declared', 'IMAGE_NOT_A_DISK', () => false, { format: 'vmdk' }],
    ['a decompression bomb', 'IMAGE_TOO_LARGE', withBody(gzipSync(Buffer.alloc(20_000_000))), { format: 'raw' }, { SANDFORM_IMAGE_LIMIT: '10MiB' }],
    ['an image beyond the limit', 'IMAGE_TOO_LARGE', () => false, {}, { SANDFORM_IMAGE_LIMIT: '1MiB' }],
    ['an archive that ends in its middle', 'IMAGE_CONVERSION', withBody(gzipSync(content).subarray(0, 100_000))],
    ['nothing there', 'IMAGE_NOT_FOUND', answer(404)],
    ['a login that is wanted', 'IMAGE_DENIED', answer(401)],
    ['a server that fails', 'IMAGE_UNREACHABLE', answer(503)],
    ['a redirect to a file', 'IMAGE_UNREACHABLE', answer(302, { location: 'file:///etc/passwd' })],
    ['redirects without end', 'IMAGE_UNREACHABLE', answer(302, { location: '/again' })],
  ])('%s ends with %s, and nothing of it is kept', async (_what, code, fault, more = {}, variables = {}) => {
    server.fault = fault;
    const error = await pull(more, variables).catch((thrown: unknown) => thrown as { code: string; fix: string });
    expect(error).toMatchObject({ code, fix: expect.stringMatching(/./) });
    // What was cut is kept for the next attempt, and what is whole stays under its digest; neither is ever used as a disk.
    if (code !== 'IMAGE_UNREACHABLE') expect(partial()).toEqual([]);
    expect(existsSync(join(cache, 'store/disks')) ? readdirSync(join(cache, 'store/disks')) : []).toEqual([]);
    expect(whole().every((name) => createHash('sha256').update(readFileSync(join(cache, 'store/blobs', name))).digest('hex') === name)).toBe(true);
  });
});

describe('a pinned version', () => {
  let pinned: PinnedImage;
  const pullPinned = () => store().pullPinned({ ...source(), pinned }, { project: cache, pause: 1 });
  beforeEach(async () => {
    ({ pinned } = await pull());
    rmSync(join(cache, 'store'), { recursive: true });
  });

  it('is had again', async () => {
    expect((await pullPinned()).digest).toBe(pinned.image.digest);
  });

  it('needs no server where it is here', async () => {
    await pullPinned();
    await server[Symbol.asyncDispose]();
    server = await ImageServer.start(content);
    expect((await pullPinned()).digest).toBe(pinned.image.digest);
    expect(server.asked).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['removed', () => (server.fault = answer(404))],
    ['replaced by one of the same size', () => ([server.content, server.etag] = [qcow2(content.length), '"other"'])],
    ['replaced by a smaller one', () => ([server.content, server.etag] = [qcow2(1000), '"other"'])],
  ])('that was %s is an error that says how to pin another', async (_how, change) => {
    change();
    await expect(pullPinned()).rejects.toMatchObject({ code: 'IMAGE_VANISHED', fix: expect.stringContaining('images update disk') });
    expect([...partial(), ...whole()]).toEqual([]);
  });
});
