import { existsSync, readFileSync } from 'node:fs';
import { releaseSandbox } from '../../../hooks-runtime/companion/release-step';
import { SandformPool } from '../../../hooks-runtime/images';
import { type Domain, LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { type IdleSandbox, idleSandbox } from '../fixtures/idle-sandbox';
import { type TestHost, testHost } from '../host';

let host: TestHost;
let connection: LibvirtConnection;
let idle: IdleSandbox;

beforeAll(async () => {
  host = await testHost();
  connection = await LibvirtConnection.open(host.uri);
});
afterAll(() => connection.close());
beforeEach(async () => {
  idle = await idleSandbox(connection);
});
afterEach(async () => {
  const domain = await connection.domains.findByUuid(idle.domain.uuid);
  if (domain !== undefined && (await domain.info()).active) await domain.destroy();
  await (await connection.domains.findByUuid(idle.domain.uuid))?.undefine();
  await (await SandformPool.ensure(connection)).remove(idle.volume);
});

const release = (changes: { app?: string; uuid?: string } = {}) =>
  releaseSandbox(
    { connection, stack: () => Promise.resolve(connection), siblings: () => Promise.resolve([]), conductOf: () => undefined, networkOf: () => undefined, filters: new Map<string, string>(), signal: new AbortController().signal, tell: () => undefined },
    { action: 'release', schemaVersion: 1, uri: host.uri, owner: { app: changes.app ?? 'test', stack: 'idle', sandbox: idle.identity.sandbox }, name: idle.domain.name, uuid: changes.uuid ?? idle.domain.uuid },
  );

/** What every provider needs of a domain that it destroys: off, with nothing that stands in the way of undefining. */
async function expectReleased(domain: Domain): Promise<void> {
  expect(await domain.info()).toMatchObject({ active: false });
  expect(await domain.hasManagedSave()).toBe(false);
  expect(await domain.snapshots()).toEqual([]);
}

/** Others have guests on this libvirt as well. */
const processesOf = ({ name }: Domain): number[] =>
  host.instance.processIds('qemu-system-x86_64').filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`guest=${name},`));

describe('releasing a sandbox before it is destroyed', () => {
  it.each<[string, (domain: Domain) => Promise<unknown>]>([
    ['off', async () => Promise.resolve()],
    ['running', (domain) => domain.create()],
    ['paused', async (domain) => {
      await domain.create();
      await domain.suspend();
    }],
    ['saved', async (domain) => {
      await domain.create();
      await domain.managedSave();
    }],
    ['running with snapshots', async (domain) => {
      await domain.create();
      await domain.snapshotCreate('<domainsnapshot><name>one</name></domainsnapshot>');
      await domain.snapshotCreate('<domainsnapshot><name>two</name></domainsnapshot>');
    }],
    ['off with its process killed', async (domain) => {
      await domain.create();
      for (const pid of processesOf(domain)) process.kill(pid, 'SIGKILL');
      while ((await domain.info()).active) await new Promise((resolve) => setTimeout(resolve, 20));
    }],
  ])('works where it is %s', async (_state, bring) => {
    await bring(idle.domain);
    await release();
    await expectReleased(idle.domain);
  });

  it('removes the layers that external snapshots put over its disk', async () => {
    await idle.domain.create();
    for (const name of ['one', 'two']) await idle.domain.snapshotCreate(`<domainsnapshot><name>${name}</name></domainsnapshot>`, { diskOnly: true });
    const layers = ['one', 'two'].map((name) => idle.volumePath.replace(/qcow2$/, name));
    expect(layers.map(existsSync)).toEqual([true, true]);
    await release();
    await expectReleased(idle.domain);
    expect(layers.map(existsSync)).toEqual([false, false]);
    expect(existsSync(idle.volumePath)).toBe(true);
  });

  it('defines it again where it ran on without a definition, and is fine where it is gone', async () => {
    await idle.domain.create();
    await idle.domain.undefine();
    await release();
    await expectReleased(idle.domain);
    await idle.domain.undefine();
    await release();
    expect(await connection.domains.findByUuid(idle.domain.uuid)).toBeUndefined();
  });

  it('leaves alone a domain of another app', async () => {
    await idle.domain.create();
    await expect(release({ app: 'another' })).rejects.toMatchObject({ code: 'DOMAIN_NAME_TAKEN' });
    expect(await idle.domain.info()).toMatchObject({ active: true });
  });

  it('leaves alone a domain of the same name with another UUID', async () => {
    await idle.domain.create();
    await release({ uuid: '00000000-0000-4000-8000-000000000000' });
    expect(await idle.domain.info()).toMatchObject({ active: true });
  });
});
