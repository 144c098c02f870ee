import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SandformPool, prunableBases } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import type { ImageLock } from '../../../lib/images';
import { ImageServer } from '../../unit/images/image-server';
import { lockedExample } from '../fixtures/image-example';
import type { ProgramEnd } from '../fixtures/program';
import { TestProject } from '../fixtures/project';
import { type TestHost, testHost } from '../host';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

let host: TestHost;
let server: ImageServer;
let project: TestProject;
let cache: string;

beforeAll(async () => {
  host = await testHost();
});
beforeEach(async () => {
  server = await ImageServer.start(disk());
  cache = mkdtempSync(join(tmpdir(), 'sandform-cache-'));
  project = TestProject.create({ environment: { ...host.environment, SANDFORM_CACHE: cache } }, app());
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  project[Symbol.dispose]();
  rmSync(cache, { recursive: true, force: true });
});

/** A disk that QEMU takes, unlike any other. */
function disk(mebibytes = 1): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-disk-'));
  writeFileSync(join(folder, 'raw'), randomBytes(mebibytes * 2 ** 20));
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'raw'), join(folder, 'disk')]);
  const content = readFileSync(join(folder, 'disk'));
  rmSync(folder, { recursive: true });
  return content;
}

const app = (options = '{}') => `
const image = Image.fromHttp(${JSON.stringify(server.url)}, { name: 'disk', ...${options} });
new Sandbox(new SandboxStack(app, 'pulled'), 'victim', { guest: Guest.fromImage(image, { memory: '32MiB' }), power: 'managed' });`;
const synth = (environment = '') => project.tool('tsx', ['-e', `${environment};require('./app.js')`]).end;
const lock = () => JSON.parse(readFileSync(join(project.folder, 'sandform.lock.json'), 'utf8')) as ImageLock;
const sandform = (...args: string[]) => project.sandform('images', ...args).end;
const expectDone = (end: ProgramEnd) => expect([end.exitCode, end.output]).toEqual([0, expect.anything()]);

it('lets a project be synthesized without a lock, and says how to have one; with a lock, synth asks nobody', async () => {
  const unlocked = await synth();
  expectDone(unlocked);
  expect(unlocked.stderr).toContain('sandform images lock');
  expect(existsSync(join(project.folder, 'sandform.lock.json'))).toBe(false);
  expect(await synth("process.env.SANDFORM_IMAGES = 'locked'")).toMatchObject({ exitCode: 2, errors: expect.arrayContaining(['IMAGE_UNLOCKED']) });

  expectDone(await sandform('lock', '--json'));
  expect(lock().sources['disk']).toMatchObject({ digest: server.digest, version: { etag: '"first"' }, image: { digest: server.digest } });
  rmSync(cache, { recursive: true });
  const asked = server.asked.length;
  const locked = await synth("process.env.SANDFORM_IMAGES = 'locked'");
  expectDone(locked);
  expect([locked.stderr, server.asked.length]).toEqual(['', asked]);
  expect(project.configuration('pulled')).toContain(server.digest);
});

it('notices another declaration, updates on demand, and drops what is not declared any more', async () => {
  await sandform('lock');
  project.declare(app(`{ digest: '${server.digest}' }`));
  expect(await synth("process.env.SANDFORM_IMAGES = 'locked'")).toMatchObject({ errors: expect.arrayContaining(['IMAGE_UNLOCKED']) });
  project.declare(app());
  const first = server.digest;
  [server.content, server.etag] = [disk(2), '"second"'];
  await sandform('lock');
  expect(lock().sources['disk']?.digest).toBe(first);
  await sandform('update', 'disk');
  expect(lock().sources['disk']?.digest).toBe(server.digest);
  expect((await sandform('update', 'other')).errors).toEqual(['USAGE']);
  project.declare("new SandboxStack(app, 'empty');");
  await sandform('lock');
  expect(lock().sources).toEqual({});
});

it('takes the newest version for one that vanished only where that is declared, and says so', async () => {
  await sandform('lock');
  rmSync(join(cache, 'store'), { recursive: true });
  [server.content, server.etag] = [disk(2), '"second"'];
  expect(await sandform('pull')).toMatchObject({ exitCode: 125, errors: ['IMAGE_VANISHED'] });
  project.declare(app("{ fallback: 'newest' }"));
  // The lock was made for a declaration without it.
  const locked = lock();
  server.fault = undefined;
  await sandform('lock');
  const pinned = lock().sources['disk']!;
  writeFileSync(join(project.folder, 'sandform.lock.json'), JSON.stringify({ ...locked, sources: { disk: { ...locked.sources['disk']!, declaration: pinned.declaration } } }));
  rmSync(join(cache, 'store'), { recursive: true });
  const end = await synth();
  expectDone(end);
  expect(end.stderr).toContain('is gone');
  expect(project.configuration('pulled')).toContain(server.digest);
});

it('refuses a lock that cannot be read', async () => {
  project.write('sandform.lock.json', '{ "schemaVersion": 9 }');
  expect((await sandform('ls')).errors).toEqual(['IMAGE_LOCK_INVALID']);
  expect((await synth()).errors).toContain('IMAGE_LOCK_INVALID');
});

it('deploys the example of an address as it is locked: the companion fetches it where it is not here, and not where the pool has it', async () => {
  expect(await lockedExample(project, 'image-sources/http.ts', { IMAGE_URL: server.url })).toContain(server.digest);
  rmSync(join(cache, 'store'), { recursive: true });
  const before = server.downloads;
  const deploy = async () => project.expectDone(await project.apply('http-image'));
  try {
    await deploy();
    expect(server.downloads).toBe(before + 1);
    await using connection = await LibvirtConnection.open(host.uri);
    const volumes = async () => (await (await SandformPool.ensure(connection)).volumes()).filter(({ volume }) => volume.name.includes(server.digest)).map(({ kind }) => kind).sort();
    expect(await volumes()).toEqual(['base', 'ready']);
    await project.destroyed('http-image');
    rmSync(join(cache, 'store'), { recursive: true });
    await deploy();
    expect(server.downloads).toBe(before + 1);
    const pruned = JSON.parse((await sandform('prune', '--unused-for', '0s', '--json')).stdout) as { removed: unknown[] };
    expect(pruned.removed).toEqual([]);
  } finally {
    await project.destroy('http-image').then((program) => program.end);
    await removeBase(server.digest);
  }
});

/** Others have bases of theirs on the same host. */
async function removeBase(digest: string): Promise<void> {
  await using connection = await LibvirtConnection.open(host.uri);
  for (const base of await prunableBases(connection, { unusedFor: 0 })) if (base.digest === digest) await base.remove();
}

describe('the examples of image sources', () => {
  it.each<[string, () => Record<string, string>]>([
    ['image-sources/path.ts', () => ({ IMAGE_PATH: project.write('lab.qcow2.gz', gzipSync(server.content)) })],
    ['image-sources/oci.ts', () => ({ IMAGE_REFERENCE: ociLayout(project, server.content) })],
    ['image-source-library/main.ts', () => ({ BUILD_SERVER: buildServer() })],
  ])('%s pins and declares the disk', async (example, variables) => {
    expect(await lockedExample(project, example, variables())).toContain(server.digest);
  });

  /** A build server, played by the server of images. */
  function buildServer(): string {
    server.fault = (request, response, { content, digest }) => request.url === '/latest.json' && Boolean(response.end(JSON.stringify({ file: 'disk.img', size: content.length, sha256: digest })));
    return new URL(server.url).origin;
  }
});

function ociLayout(target: TestProject, content: Buffer): string {
  const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
  const manifest = JSON.stringify({ schemaVersion: 2, layers: [{ mediaType: 'application/vnd.example.disk', digest: `sha256:${sha256(content)}`, size: content.length }] });
  for (const bytes of [content, Buffer.from(manifest)]) target.write(`layout/blobs/sha256/${sha256(bytes)}`, bytes);
  const annotations = { 'org.opencontainers.image.ref.name': '1.0' };
  target.write('layout/index.json', JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${sha256(manifest)}`, size: manifest.length, annotations }] }));
  return './layout:1.0';
}
