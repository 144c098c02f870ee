import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageStore } from '../../../hooks-runtime/store';
import { type Fault, ImageServer, qcow2 } from './image-server';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const content = qcow2(500_000);
const layer = (bytes: Buffer, title: string) => ({ mediaType: 'application/vnd.example.disk', digest: `sha256:${sha256(bytes)}`, size: bytes.length, annotations: { 'org.opencontainers.image.title': title } });
const manifest = JSON.stringify({ schemaVersion: 2, layers: [layer(content, 'disk.qcow2')] });
const two = JSON.stringify({ schemaVersion: 2, layers: [layer(content, 'disk.qcow2'), layer(Buffer.from('readme'), 'README.md')] });

let folder: string;
let server: ImageServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-oci-'));
  server = await ImageServer.start(content);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const pull = (reference: string, file?: string) =>
  ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache'), HOME: folder }).pull({ name: 'disk', source: { kind: 'oci', reference, ...(file === undefined ? {} : { file }) } }, { project: folder, pause: 1 });
const image = { digest: sha256(content), image: { format: 'qcow2' } };

describe('a registry', () => {
  const registry = (document: string): Fault => (request, response, self) => {
    if (request.headers.authorization !== 'Bearer token-of-test' && !request.url?.startsWith('/token')) {
      return Boolean(response.writeHead(401, { 'www-authenticate': `Bearer realm="${new URL(self.url).origin}/token",service="test",scope="repository:labs/disk:pull"` }).end());
    }
    const path = new URL(request.url ?? '', 'http://host').pathname;
    const answers: Record<string, () => unknown> = {
      '/token': () => response.end(JSON.stringify({ token: request.headers.authorization === 'Basic bWU6cHc=' ? 'token-of-test' : 'none' })),
      '/v2/labs/disk/manifests/1.0': () => response.end(document),
      [`/v2/labs/disk/blobs/sha256:${sha256(content)}`]: () => self.send(request, response),
    };
    (answers[path] ?? (() => response.writeHead(404).end()))();
    return true;
  };
  const logIn = () => {
    mkdirSync(join(folder, '.docker'), { recursive: true });
    writeFileSync(join(folder, '.docker/config.json'), JSON.stringify({ auths: { [new URL(server.url).host]: { auth: 'bWU6cHc=' } } }));
  };

  it('gives the disk of an artifact, with the login that Docker keeps', async () => {
    server.fault = registry(manifest);
    logIn();
    const { pinned, image: disk } = await pull(`${new URL(server.url).host}/labs/disk:1.0`);
    expect(pinned).toMatchObject({ ...image, version: { blob: `sha256:${sha256(content)}` } });
    expect(readFileSync(disk.file).equals(content)).toBe(true);
  });

  it.each([['no login', 'IMAGE_DENIED', '1.0', false], ['a tag that is not there', 'IMAGE_NOT_FOUND', '2.0', true]] as const)('%s ends with %s', async (_what, code, tag, isLoggedIn) => {
    server.fault = registry(manifest);
    if (isLoggedIn) logIn();
    await expect(pull(`${new URL(server.url).host}/labs/disk:${tag}`)).rejects.toMatchObject({ code });
  });

  it('is asked which file where an artifact has several', async () => {
    server.fault = registry(two);
    logIn();
    const reference = `${new URL(server.url).host}/labs/disk:1.0`;
    await expect(pull(reference)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    expect((await pull(reference, '*.qcow2')).pinned).toMatchObject(image);
  });

  it('never carries a login to another host', async () => {
    await using elsewhere = await ImageServer.start(content);
    logIn();
    server.fault = (request, response, self) => (request.url?.includes('/blobs/') && request.headers.authorization !== undefined ? Boolean(response.writeHead(307, { location: elsewhere.url }).end()) : registry(manifest)(request, response, self));
    expect((await pull(`${new URL(server.url).host}/labs/disk:1.0`)).pinned).toMatchObject(image);
    expect(elsewhere.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe('a folder with an OCI layout', () => {
  const put = (bytes: Buffer | string) => {
    mkdirSync(join(folder, 'layout/blobs/sha256'), { recursive: true });
    writeFileSync(join(folder, 'layout/blobs/sha256', sha256(bytes)), bytes);
  };
  const index = () => writeFileSync(join(folder, 'layout/index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${sha256(manifest)}`, size: manifest.length, annotations: { 'org.opencontainers.image.ref.name': '1.0' } }] }));

  it('gives the disk of an artifact by its tag', async () => {
    for (const bytes of [content, manifest]) put(bytes);
    index();
    expect((await pull('./layout:1.0')).pinned).toMatchObject(image);
    await expect(pull('./layout:2.0')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  it('is held to the digest that it names', async () => {
    put(manifest);
    writeFileSync(join(folder, 'layout/blobs/sha256', sha256(content)), qcow2(500_000));
    index();
    await expect(pull('./layout:1.0')).rejects.toMatchObject({ code: 'IMAGE_WRONG_DIGEST' });
  });
});
