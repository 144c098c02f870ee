import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SandformPool } from '../../../hooks-runtime/images';
import { findSandbox, listSandboxes } from '../../../hooks-runtime/inventory';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { SEED_SIZE, type SeedDocuments } from '../../../lib/discs';
import { stackMarkerName } from '../../../lib/naming';
import { type CompanionEnd, startCompanion } from '../fixtures/companion-process';
import { type IdleSandbox, idleSandbox } from '../fixtures/idle-sandbox';
import { TestImages } from '../fixtures/test-image';
import { testHost } from '../host';

let uri: string;
let connection: LibvirtConnection;
let stack: string;
const sandboxes: IdleSandbox[] = [];

beforeAll(async () => {
  ({ uri } = await testHost());
  connection = await LibvirtConnection.open(uri);
});
afterAll(() => connection.close());
beforeEach(() => {
  stack = `c${randomBytes(3).toString('hex')}`;
});
afterEach(async () => {
  const pool = await SandformPool.ensure(connection);
  for (const { domain, volume } of sandboxes.splice(0)) {
    if ((await domain.info()).active) await domain.destroy();
    await domain.undefine();
    await pool.remove(volume);
  }
  for (const { volume } of await pool.volumes()) if (volume.name.includes(stack)) await pool.remove(volume.name);
});

const common = { schemaVersion: 1 as const, uri: null };
const create = (...call: readonly unknown[]): Promise<CompanionEnd> => startCompanion(call, 'create', { LIBVIRT_DEFAULT_URI: uri }).end;

async function sandbox(options: Parameters<typeof idleSandbox>[1] = {}): Promise<IdleSandbox> {
  const made = await idleSandbox(connection, { stack, sandbox: 'one', ...options });
  sandboxes.push(made);
  return made;
}

describe('the companion', () => {
  it.each([
    ['nothing', []],
    ['an unknown action', [{ action: 'dance', ...common }]],
    ['another schema version', [{ action: 'pool', schemaVersion: 99, uri: null, owner: { app: 'a', stack: 's' } }]],
  ])('refuses %s with COMPANION_INPUT', async (_what, call) => {
    expect(await create(...call)).toMatchObject({ exitCode: 1, error: 'COMPANION_INPUT' });
  });

  it('tells LIBVIRT_UNREACHABLE where no libvirt answers', async () => {
    const end = await startCompanion([{ action: 'pool', ...common, owner: { app: 'a', stack } }], 'create', { LIBVIRT_DEFAULT_URI: 'qemu:///system?socket=/nowhere/sock' }).end;
    expect(end).toMatchObject({ exitCode: 1, error: 'LIBVIRT_UNREACHABLE' });
  });

  it('prepares the pool, and refuses a stack that the host holds already', async () => {
    const call = { action: 'pool', ...common, owner: { app: 'a', stack } };
    expect(await create(call)).toMatchObject({ exitCode: 0 });
    await (await SandformPool.ensure(connection)).mark(stackMarkerName(stack));
    expect(await create(call)).toMatchObject({ exitCode: 1, error: 'STACK_DEPLOYED' });
  });

  it('takes a stack over from a deploy that died after it claimed it', async () => {
    const call = { action: 'pool', ...common, owner: { app: 'a', stack } };
    expect(await create(call)).toMatchObject({ exitCode: 0 });
    expect(await create(call)).toMatchObject({ exitCode: 0 });
  });

  it('accepts a domain name that is free or its own, and refuses any other', async () => {
    const { domain } = await sandbox();
    const call = (owner: object, name = domain.name) => ({ action: 'domain', ...common, owner, name, nics: [] });
    expect(await create(call({ app: 'test', stack, sandbox: 'one' }), call({ app: 'test', stack, sandbox: 'two' }, `${stack}-two`))).toMatchObject({ exitCode: 0 });
    expect(await create(call({ app: 'another', stack, sandbox: 'one' }))).toMatchObject({ exitCode: 1, error: 'DOMAIN_NAME_TAKEN' });
  });

  it('writes documents into the volume of a seed, as others read them, over all that was there', async () => {
    const pool = await SandformPool.ensure(connection);
    const volume = await pool.createVolume(`<volume><name>${stack}-one.seed.iso</name><capacity>${SEED_SIZE}</capacity><target><format type='raw'/></target></volume>`);
    const seed = (documents: SeedDocuments) => create({ action: 'seed', ...common, name: `${stack}-one`, documents });
    expect(await seed({ userData: 'secret'.repeat(10_000), metaData: '', networkConfig: 'version: 2\n' })).toMatchObject({ exitCode: 0 });

    const userData = '#cloud-config\n# ${x} %{y} 🙂\n';
    expect(await seed({ userData, metaData: '{"instance-id":"one"}\n', networkConfig: '' })).toMatchObject({ exitCode: 0 });

    const disc = await buffer(volume.download());
    expect([disc.length, disc.includes('secret')]).toEqual([SEED_SIZE, false]);
    using images = new TestImages();
    const file = join(images.folder, 'seed.iso');
    writeFileSync(file, disc);
    const isoinfo = (...args: readonly string[]) => execFileSync('isoinfo', ['-i', file, ...args], { encoding: 'utf8' });
    expect(isoinfo('-d')).toContain('Volume id: cidata');
    expect(isoinfo('-f').trim().split('\n')).toEqual(['/META-DATA.;1', '/USER-DATA.;1']);
    expect([isoinfo('-x', '/USER-DATA.;1'), isoinfo('-x', '/META-DATA.;1')]).toEqual([userData, '{"instance-id":"one"}\n']);
  });

  it('writes no seed where its volume is gone', async () => {
    const call = { action: 'seed', ...common, name: `${stack}-gone`, documents: { userData: '', metaData: '', networkConfig: '' } };
    expect(await create(call)).toMatchObject({ exitCode: 1, error: 'LIBVIRT_NOT_FOUND' });
  });

  it('writes the conduct into a running sandbox and its definition, strings as they are', async () => {
    const { domain } = await sandbox();
    await domain.create();
    const conduct = { labels: { odd: '${x} %{y} "quotes" <b>&amp;</b> 🙂 ]]>' }, owner: "O'Neill", ttl: 60_000, power: 'on', hooks: [] };
    const call = { action: 'conduct', ...common, owner: { app: 'test', stack, sandbox: 'one' }, name: domain.name, uuid: domain.uuid, conduct };
    expect(await create(call)).toMatchObject({ exitCode: 0 });
    expect((await findSandbox(connection, `${stack}/one`)).spec.conduct).toEqual(conduct);
    await domain.destroy();
    const found = await findSandbox(connection, `${stack}/one`);
    expect(found).toMatchObject({ state: 'shutoff', spec: { conduct } });
    expect(found.expiry?.getTime()).toBe(found.birth!.getTime() + 60_000);
  });

  it('writes no conduct into what is another sandbox, or gone', async () => {
    const { domain } = await sandbox();
    const conduct = { labels: {}, power: 'on', hooks: [] };
    const call = { action: 'conduct', ...common, owner: { app: 'test', stack, sandbox: 'other' }, name: domain.name, uuid: domain.uuid, conduct };
    expect(await create(call)).toMatchObject({ exitCode: 1, error: 'DOMAIN_NAME_TAKEN' });
    expect(await create({ ...call, uuid: '00000000-0000-4000-8000-000000000000' })).toMatchObject({ exitCode: 1, error: 'SANDBOX_GONE' });
  });

  it('undoes what a call did when one of its steps fails', async () => {
    using images = new TestImages();
    const network = { action: 'network', ...common, owner: { app: 'test', stack }, name: `${stack}-net`, subnet: '10.202.1.0/24' };
    const image = { action: 'image', ...common, image: { digest: 'cd'.repeat(32), format: 'raw', virtualSize: 512 } };
    const end = await startCompanion([image, network], 'create', { LIBVIRT_DEFAULT_URI: uri, SANDFORM_CACHE: images.folder }).end;
    expect(end).toMatchObject({ exitCode: 1, error: 'IMAGE_MISSING' });
    const volumes = await (await SandformPool.ensure(connection)).volumes();
    expect(volumes.filter(({ kind, volume }) => kind === 'reservation' && volume.name.includes(stack))).toEqual([]);
  });

  it('ends with INTERRUPTED on SIGTERM, and leaves nothing half-sent', async () => {
    using images = new TestImages();
    const { file: _file, ...image } = images.raw(400_000_000);
    const child = startCompanion([{ action: 'image', ...common, image }], 'create', { LIBVIRT_DEFAULT_URI: uri, SANDFORM_CACHE: images.folder });
    child.stderr!.once('data', () => child.kill('SIGTERM'));
    expect(await child.end).toMatchObject({ exitCode: 1, error: 'INTERRUPTED' });
    expect((await (await SandformPool.ensure(connection)).volumes()).filter(({ volume }) => volume.name.includes(image.digest))).toEqual([]);
  });
});

describe('listing sandboxes', () => {
  it('tells address, state, isolation of what really runs, birth and expiry', async () => {
    const birth = new Date('2026-01-02T03:04:05.000Z');
    await sandbox({ birth, conduct: { ttl: 1000, labels: { team: 'red' }, owner: 'me' } });
    expect(await findSandbox(connection, `${stack}/one`)).toMatchObject({
      address: `${stack}/one`,
      state: 'shutoff',
      isolation: { level: 'emulation' },
      birth,
      expiry: new Date('2026-01-02T03:04:06.000Z'),
      spec: { conduct: { labels: { team: 'red' }, owner: 'me' } },
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['another shape', '{"identity":{"stack":"../../etc"}}'],
    ['deep nesting', '['.repeat(20_000)],
    ['megabytes', JSON.stringify('x'.repeat(2_000_000))],
    ['many entities', '<'.repeat(5_000)],
  ])('reports a domain whose metadata is %s as broken, and lists the others', async (_what, identityText) => {
    await sandbox();
    const { domain } = await sandbox({ sandbox: 'broken', identityText });
    const { sandboxes: listed, broken } = await listSandboxes(connection);
    expect(listed.map(({ address }) => address)).toContain(`${stack}/one`);
    expect(broken).toContainEqual(expect.objectContaining({ domain: domain.name, error: expect.objectContaining({ code: 'SPEC_INVALID' }) }));
  });

  it('ends with SANDBOX_NOT_FOUND for an address that is not there', async () => {
    await expect(findSandbox(connection, `${stack}/none`)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  });
});
