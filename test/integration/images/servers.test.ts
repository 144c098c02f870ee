import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CompleteMultipartUploadCommand, CreateBucketCommand, CreateMultipartUploadCommand, DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { ImageStore } from '../../../hooks-runtime/store';
import type { GlanceSource, ImageSource, S3Source } from '../../../lib/images';
import { tarball } from '../../unit/containers/tarball';
import { qcow2 } from '../../unit/images/image-server';
import { lockedExample } from '../fixtures/image-example';
import { ImageServers, PASSWORD } from '../fixtures/image-servers';
import { TestProject } from '../fixtures/project';

let servers: ImageServers;
let project: string;
const before = { ...process.env };

beforeAll(async () => {
  servers = await ImageServers.start();
});
afterAll(() => servers?.[Symbol.asyncDispose]());
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'sandform-store-'));
});
afterEach(async () => {
  process.env = { ...before };
  await servers.cut('glance', 0);
  rmSync(project, { recursive: true, force: true });
});

const store = (variables: Record<string, string>) => ImageStore.open({ PATH: process.env['PATH'], HOME: project, SANDFORM_CACHE: join(project, 'cache'), ...variables });
const pull = (source: ImageSource, variables: Record<string, string>) => store(variables).pull({ name: 'disk', source }, { project, pause: 1 });
const digestOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const kept = (folder: string) => (existsSync(join(project, 'cache/store', folder)) ? readdirSync(join(project, 'cache/store', folder)) : []);
/** A disk that Glance itself takes for one. */
function disk(mebibytes = 1): Buffer {
  const file = join(tmpdir(), `sandform-disk-${randomBytes(4).toString('hex')}`);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '64M']);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${1 + (randomBytes(1)[0]! % 250)} 0 ${mebibytes}M`, file], { stdio: 'ignore' });
  const content = readFileSync(file);
  rmSync(file);
  return content;
}

const rootFilesystem = async () => gzipSync(await tarball([{ name: 'etc/motd', content: randomBytes(2000).toString('hex') }]));

describe('Glance', () => {
  const glance = (choice: Omit<GlanceSource, 'kind'>, variables: Record<string, string> = servers.openStackVariables) => pull({ kind: 'glance', ...choice }, variables);

  const [old, young] = [disk(1), disk(4)];
  let [first, second] = ['', ''];
  beforeAll(async () => {
    first = await servers.upload({ name: 'lab', content: old, properties: { role: 'base' }, tags: ['stable'] });
    second = await servers.upload({ name: 'lab', content: young, properties: { role: 'next' } });
  });

  it('gives the newest active image of a name, and one by id, property, tag and change', async () => {
    expect((await glance({ name: 'lab' })).pinned).toMatchObject({ version: { id: second }, digest: digestOf(young), size: young.length, image: { format: 'qcow2', virtualSize: 64 * 2 ** 20 } });
    for (const choice of [{ id: first }, { properties: { role: 'base' } }, { tags: ['stable'] }, { name: 'lab', tags: ['stable'] }]) expect((await glance(choice)).pinned).toMatchObject({ version: { id: first }, digest: digestOf(old) });
    await servers.describe(first, 'touched');
    expect((await glance({ name: 'lab', newest: 'updated' })).pinned).toMatchObject({ version: { id: first } });
  });

  it('takes a raw image for raw because Glance says so', async () => {
    const content = randomBytes(1_000_000);
    await servers.upload({ name: 'raw', content, format: 'raw' });
    expect((await glance({ name: 'raw' })).pinned).toMatchObject({ digest: digestOf(content), image: { format: 'raw', virtualSize: 1_000_000 } });
  });

  it('gives a root filesystem, of which Glance knows no more than that it is bytes', async () => {
    const content = await rootFilesystem();
    await servers.upload({ name: 'userland', content, format: 'raw' });
    expect((await glance({ name: 'userland', holds: 'root' })).pinned).toMatchObject({ digest: digestOf(content), image: { digest: digestOf(content), kind: 'tarball' } });
  });

  it('goes on where the connection was cut', async () => {
    await servers.cut('glance', 2_000_000);
    expect((await glance({ name: 'lab' })).pinned.digest).toBe(digestOf(young));
  });

  it('is logged in to by application credential, by token, and as clouds.yaml and secure.yaml say', async () => {
    const { token, user, project: tenant } = await servers.logIn();
    const { application_credential: credential } = (await servers.identity('POST', `/users/${user}/application_credentials`, { application_credential: { name: `test-${randomBytes(4).toString('hex')}` } })) as { application_credential: { id: string; secret: string } };
    const auth = { OS_AUTH_URL: servers.keystone };
    const digest = digestOf(young);
    expect((await glance({ name: 'lab' }, { ...auth, OS_AUTH_TYPE: 'v3applicationcredential', OS_APPLICATION_CREDENTIAL_ID: credential.id, OS_APPLICATION_CREDENTIAL_SECRET: credential.secret })).pinned.digest).toBe(digest);
    expect((await glance({ name: 'lab' }, { ...auth, OS_AUTH_TYPE: 'v3token', OS_TOKEN: token, OS_PROJECT_ID: tenant })).pinned.digest).toBe(digest);
    const { trust } = (await servers.identity('POST', '/OS-TRUST/trusts', { trust: { trustor_user_id: user, trustee_user_id: user, project_id: tenant, impersonation: true, roles: [{ name: 'admin' }] } })) as { trust: { id: string } };
    expect((await glance({ name: 'lab' }, { ...auth, OS_USER_ID: user, OS_PASSWORD: PASSWORD, OS_TRUST_ID: trust.id })).pinned.digest).toBe(digest);
    writeFileSync(join(project, 'clouds.yaml'), `clouds:\n  lab:\n    region_name: RegionOne\n    auth:\n      auth_url: ${servers.keystone}\n      username: admin\n      project_name: admin\n      user_domain_id: default\n      project_domain_id: default\n`);
    writeFileSync(join(project, 'secure.yaml'), `clouds:\n  lab:\n    auth:\n      password: ${PASSWORD}\n`);
    expect((await glance({ name: 'lab', cloud: 'lab' }, {})).pinned.digest).toBe(digest);
    expect((await glance({ name: 'lab' }, { OS_CLOUD: 'lab' })).pinned.digest).toBe(digest);
    const notes = readdirSync(join(project, 'cache'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json')).map((name) => readFileSync(join(project, 'cache', name), 'utf8'));
    for (const secret of [PASSWORD, credential.secret, token]) expect(notes.join()).not.toContain(secret);
  });

  it.each<[string, string, () => Record<string, string> | Promise<Record<string, string>>]>([
    ['a wrong password', 'IMAGE_DENIED', () => ({ ...servers.openStackVariables, OS_PASSWORD: 'guessed' })],
    ['a token that is none', 'IMAGE_DENIED', () => ({ OS_AUTH_URL: servers.keystone, OS_TOKEN: 'gAAAAAB-no-token', OS_PROJECT_NAME: 'admin' })],
    ['a token that has ended', 'IMAGE_DENIED', async () => ({ OS_AUTH_URL: servers.keystone, OS_TOKEN: await servers.endedToken(), OS_PROJECT_NAME: 'admin' })],
    ['a login for the system, to which Glance gives nothing', 'IMAGE_DENIED', () => ({ OS_AUTH_URL: servers.keystone, OS_USERNAME: 'admin', OS_PASSWORD: PASSWORD, OS_SYSTEM_SCOPE: 'all' })],
    ['no settings', 'IMAGE_DENIED', () => ({})],
    ['a region without images', 'IMAGE_NOT_FOUND', () => ({ ...servers.openStackVariables, OS_REGION_NAME: 'Elsewhere' })],
    ['a name that no image has', 'IMAGE_NOT_FOUND', () => servers.openStackVariables],
  ])('%s ends with %s, and tells no secret', async (_what, code, variables) => {
    const error = await glance({ name: 'nobody' }, await variables()).catch((thrown: unknown) => thrown as { code: string; format: () => string });
    expect(error).toMatchObject({ code });
    expect((error as { format: () => string }).format()).not.toMatch(/guessed|gAAAAAB|for-tests/);
  });

  it('is the place of an example', async () => {
    using example = TestProject.create({ environment: { ...servers.openStackVariables, SANDFORM_CACHE: join(project, 'cache') } }, '');
    expect(await lockedExample(example, 'image-sources/glance.ts', {})).toContain(digestOf(young));
  });

  it('has lost an image that was deleted between lock and pull, unless it is here', async () => {
    const id = await servers.upload({ name: 'gone', content: disk() });
    const source = { kind: 'glance', name: 'gone' } as const;
    const { pinned } = await pull(source, servers.openStackVariables);
    await servers.removeImage(id);
    const pullPinned = () => store(servers.openStackVariables).pullPinned({ name: 'gone', source, pinned }, { project, pause: 1 });
    expect((await pullPinned()).digest).toBe(pinned.image.digest);
    rmSync(join(project, 'cache'), { recursive: true });
    await expect(pullPinned()).rejects.toMatchObject({ code: 'IMAGE_VANISHED' });
    expect([...kept('partial'), ...kept('blobs')]).toEqual([]);
  });
});

describe('S3', () => {
  let client: S3Client;
  beforeAll(async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = servers.awsVariables;
    client = new S3Client({ endpoint: servers.s3, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await client.send(new CreateBucketCommand({ Bucket: 'images' }));
    await client.send(new PutBucketVersioningCommand({ Bucket: 'images', VersioningConfiguration: { Status: 'Enabled' } }));
  });
  afterAll(() => client?.destroy());
  beforeEach(() => Object.assign(process.env, servers.awsVariables));

  const put = async (Key: string, Body: Buffer) => (await client.send(new PutObjectCommand({ Bucket: 'images', Key, Body }))).VersionId ?? '';
  const s3 = (choice: Partial<S3Source>) => pull({ kind: 's3', bucket: 'images', key: 'disk.qcow2', endpoint: servers.s3, ...choice }, {});

  it('gives the newest version of an object, and one by its id', async () => {
    const [old, young] = [qcow2(100_000), qcow2(150_000)];
    const first = await put('disk.qcow2', old);
    const second = await put('disk.qcow2', young);
    expect((await s3({})).pinned).toMatchObject({ version: { versionId: second, etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) }, digest: digestOf(young) });
    expect((await s3({ versionId: first })).pinned).toMatchObject({ version: { versionId: first }, digest: digestOf(old) });
  });

  it('gives a root filesystem', async () => {
    const content = await rootFilesystem();
    await put('root.tar.gz', content);
    expect((await s3({ key: 'root.tar.gz', holds: 'root' })).pinned.image).toEqual({ digest: digestOf(content), kind: 'tarball' });
  });

  it('goes on where the connection was cut, and holds a multipart object to its ETag', async () => {
    const content = qcow2(12 * 2 ** 20);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'images', Key: 'parts.qcow2' }));
    const Parts = await Promise.all([0, 1, 2].map(async (part) => ({ PartNumber: part + 1, ETag: (await client.send(new UploadPartCommand({ Bucket: 'images', Key: 'parts.qcow2', UploadId, PartNumber: part + 1, Body: content.subarray(part * 5 * 2 ** 20, (part + 1) * 5 * 2 ** 20) }))).ETag })));
    await client.send(new CompleteMultipartUploadCommand({ Bucket: 'images', Key: 'parts.qcow2', UploadId, MultipartUpload: { Parts } }));
    await servers.cut('s3', 5_000_000);
    expect((await s3({ key: 'parts.qcow2' })).pinned).toMatchObject({ version: { etag: expect.stringMatching(/-3"$/) }, digest: digestOf(content) });
  });

  it.each<[string, string, Partial<S3Source>, Record<string, string>]>([
    ['a bucket that is not there', 'IMAGE_NOT_FOUND', { bucket: 'nobodys' }, {}],
    ['an object that is not there', 'IMAGE_NOT_FOUND', { key: 'nothing' }, {}],
    ['a wrong secret', 'IMAGE_DENIED', {}, { AWS_SECRET_ACCESS_KEY: 'guessed-secret' }],
    ['a server that is not there', 'IMAGE_UNREACHABLE', { endpoint: 'http://127.0.0.1:9' }, {}],
  ])('%s ends with %s, and tells no secret', async (_what, code, choice, variables) => {
    Object.assign(process.env, variables);
    const error = await s3(choice).catch((thrown: unknown) => thrown as { code: string; format: () => string });
    expect(error).toMatchObject({ code });
    expect((error as { format: () => string }).format()).not.toMatch(/guessed-secret|secret-of-tester/);
  });

  it('is the place of an example', async () => {
    const content = qcow2(50_000);
    await put('lab.qcow2', content);
    using example = TestProject.create({ environment: { ...servers.awsVariables, AWS_ENDPOINT_URL_S3: servers.s3, SANDFORM_CACHE: join(project, 'cache') } }, '');
    expect(await lockedExample(example, 'image-sources/s3.ts', {})).toContain(digestOf(content));
  });

  it('has lost a version that was deleted between lock and pull', async () => {
    const VersionId = await put('gone.qcow2', qcow2(1000));
    const source = { kind: 's3', bucket: 'images', key: 'gone.qcow2', endpoint: servers.s3 } as const;
    const { pinned } = await pull(source, {});
    await client.send(new DeleteObjectCommand({ Bucket: 'images', Key: 'gone.qcow2', VersionId }));
    rmSync(join(project, 'cache'), { recursive: true });
    await expect(store({}).pullPinned({ name: 'gone', source, pinned }, { project, pause: 1 })).rejects.toMatchObject({ code: 'IMAGE_VANISHED' });
  });
});
