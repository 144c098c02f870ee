import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ContainerFolders } from '../../../hooks-runtime/containers';
import { unpackRoot } from '../../../hooks-runtime/containers/unpacked-root';
import { ImageStore, unusedFiles } from '../../../hooks-runtime/store';
import { type ImageSource, type PinnedImage, rootIndexFile } from '../../../lib/images';
import type { RootReference } from '../../../lib/spec';
import { tarball } from '../containers/tarball';
import { ImageServer, qcow2 } from './image-server';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const xz = (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes });

let folder: string;
let cache: string;
let server: ImageServer;
let files: Buffer;
beforeAll(async () => {
  files = await tarball([{ name: 'etc/motd', content: 'published' }, { name: 'bin/filler', content: 'x'.repeat(100_000) }]);
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-root-source-'));
  cache = join(folder, 'cache');
  process.env['SANDFORM_CACHE'] = cache;
  server = await ImageServer.start(files);
});
afterEach(async () => {
  delete process.env['SANDFORM_CACHE'];
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const options = () => ({ project: folder, pause: 1 });
const http = (): ImageSource => ({ kind: 'http', url: server.url, holds: 'root' });
const pull = (source: ImageSource) => ImageStore.open().pull({ name: 'root', source }, options());
/** What a deploy makes of what synth noted. */
const unpacked = async (source: ImageSource, pinned: PinnedImage) => {
  mkdirSync(join(cache, 'roots'), { recursive: true });
  writeFileSync(rootIndexFile(cache, pinned.image.digest), JSON.stringify({ ...pinned.image, origin: { name: 'root', source, pinned, project: folder } }));
  return unpackRoot(new ContainerFolders(join(folder, 'pool')), { root: pinned.image as RootReference, init: ['/bin/sh'], userNamespace: false }, { doing: 'unpacking' });
};
const forget = () => rmSync(join(cache, 'store'), { recursive: true, force: true });

describe('a root filesystem from a source', () => {
  it.each<[string, (bytes: Buffer) => Buffer]>([['plain', (bytes) => bytes], ['gz', gzipSync], ['xz', xz], ['zst', zstdCompressSync]])('%s is pinned and kept as it was published, and unpacked from there, fetched anew where it is not here', async (_, packed) => {
    server.content = packed(files);
    const { pinned, image } = await pull(http());
    expect(pinned).toMatchObject({ digest: server.digest, size: server.content.length, image: { digest: server.digest, kind: 'tarball' } });
    expect(readFileSync(image.file).equals(server.content)).toBe(true);
    forget();
    const root = await unpacked(http(), pinned);
    expect(readFileSync(join(root, 'etc/motd'), 'utf8')).toBe('published');
    expect(server.downloads).toBe(2);
    expect(ImageStore.open().find(pinned.image)).toMatchObject({ digest: server.digest });
  });

  it('that was damaged in the store is not used, and fetched anew by the next deploy', async () => {
    const { pinned, image } = await pull(http());
    const damaged = Buffer.from(files);
    damaged.write('damaged', damaged.indexOf('published'));
    writeFileSync(image.file, damaged);
    await expect(unpacked(http(), pinned)).rejects.toMatchObject({ code: 'IMAGE_CHANGED' });
    expect(readdirSync(join(folder, 'pool-containers/roots'))).toEqual([]);
    expect(readFileSync(join(await unpacked(http(), pinned), 'etc/motd'), 'utf8')).toBe('published');
  });

  it.each<[string, string, 'root' | undefined, () => Buffer]>([
    ['a disk', 'ROOT_UNREADABLE', 'root', () => qcow2()],
    ['a compressed disk', 'ROOT_UNREADABLE', 'root', () => gzipSync(qcow2())],
    ['a page', 'ROOT_UNREADABLE', 'root', () => Buffer.from(`<!doctype html>${' '.repeat(2000)}`)],
    ['nothing known', 'ROOT_UNREADABLE', 'root', () => Buffer.alloc(5000, 'x')],
    ['a broken xz', 'ROOT_UNREADABLE', 'root', () => Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(100)])],
    ['a tarball in place of a disk', 'IMAGE_NOT_A_DISK', undefined, () => files],
    ['a compressed tarball in place of a disk', 'IMAGE_NOT_A_DISK', undefined, () => xz(files)],
  ])('refuses %s with %s before anything is pinned', async (_what, code, holds, content) => {
    server.content = content();
    await expect(pull({ kind: 'http', url: server.url, ...(holds === undefined ? {} : { holds }) })).rejects.toMatchObject({ code, fix: expect.any(String) });
    expect(readdirSync(join(cache, 'store'))).not.toContain('versions');
  });
});

describe('an image in layers', () => {
  const blobs = () => join(folder, 'layout/blobs/sha256');
  const put = (bytes: Buffer | string, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip') => {
    mkdirSync(blobs(), { recursive: true });
    writeFileSync(join(blobs(), sha256(bytes)), bytes);
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  let layers: string[];
  let manifest: string;
  beforeEach(async () => {
    const upper = gzipSync(await tarball([{ name: 'etc/.wh.motd' }, { name: 'etc/upper', content: 'above' }]));
    const image = (parts: readonly Buffer[]) => put(JSON.stringify({ schemaVersion: 2, config: put('{}', 'application/vnd.oci.image.config.v1+json'), layers: parts.map((part) => put(part)) }), 'application/vnd.oci.image.manifest.v1+json');
    const [ours, other] = [image([gzipSync(files), upper]), image([upper])];
    layers = [gzipSync(files), upper].map(sha256);
    manifest = ours.digest.slice('sha256:'.length);
    const index = put(JSON.stringify({ schemaVersion: 2, manifests: [{ ...other, platform: { os: 'linux', architecture: 'arm64' } }, { ...ours, platform: { os: 'linux', architecture: 'amd64' } }] }), 'application/vnd.oci.image.index.v1+json');
    writeFileSync(join(folder, 'layout/index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...index, annotations: { 'org.opencontainers.image.ref.name': '1.0' } }] }));
  });
  const source: ImageSource = { kind: 'oci', reference: './layout:1.0', holds: 'root' };

  /** What is in the layout, as a registry gives it. */
  const registry = (): ImageSource => {
    const index = JSON.parse(readFileSync(join(folder, 'layout/index.json'), 'utf8')) as { manifests: [{ digest: string }] };
    server.fault = (request, response) => {
      const [, kind, reference = ''] = /^\/v2\/lab\/userland\/(manifests|blobs)\/(.*)$/.exec(request.url ?? '') ?? [];
      const digest = kind === 'manifests' && reference === '1.0' ? index.manifests[0].digest : reference;
      const file = join(blobs(), digest.replace('sha256:', ''));
      return Boolean(kind !== undefined && existsSync(file) ? response.end(readFileSync(file)) : response.writeHead(404).end());
    };
    return { kind: 'oci', reference: `${new URL(server.url).host}/lab/userland:1.0`, holds: 'root' };
  };

  it.each<[string, () => ImageSource]>([['a layout', () => source], ['a registry', registry]])('of %s is pinned by its manifest, and its layers come with it, each fetched once', async (_where, from) => {
    const source = from();
    const { pinned, image } = await pull(source);
    expect(pinned).toMatchObject({ digest: manifest, version: { manifest: `sha256:${manifest}` }, image: { digest: manifest, kind: 'oci' } });
    expect(image.size).toBeGreaterThan(pinned.size);
    rmSync(join(cache, 'store/blobs', layers[1]!));
    expect(ImageStore.open().find(pinned.image)).toBeUndefined();
    const root = await unpacked(source, pinned);
    expect(readdirSync(join(root, 'etc'))).toEqual(['upper']);
    expect(unusedFiles(join(cache, 'store'), { unusedForMs: 0, needed: new Set([manifest]) })).toEqual([]);
    expect(unusedFiles(join(cache, 'store'), { unusedForMs: 0, needed: new Set() }).map(({ name }) => name).sort()).toEqual([manifest, ...layers].sort());
  });

  it('is taken for another machine where that is said, and refused where it has none for it', async () => {
    expect((await pull({ ...source, architecture: 'arm64' })).image.digest).not.toBe(manifest);
    await expect(pull({ ...source, architecture: 'riscv64' })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it.each([['a layer', 'IMAGE_WRONG_DIGEST', () => layers[1]!], ['a manifest', 'IMAGE_WRONG_DIGEST', () => manifest]])('whose place has other bytes for %s ends with %s', async (_what, code, which) => {
    const bytes = readFileSync(join(blobs(), which()));
    writeFileSync(join(blobs(), which()), bytes.fill(' ', bytes.length - 2));
    await expect(pull(source)).rejects.toMatchObject({ code });
    expect(existsSync(join(cache, 'store/versions'))).toBe(false);
  });

  it('is no disk', async () => {
    const { holds: _holds, ...disk } = source;
    await expect(pull(disk)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });
});
