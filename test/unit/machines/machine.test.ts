import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accompany } from '../../../hooks-runtime/companion/companion';
import { listSandboxes } from '../../../hooks-runtime/inventory';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { makeMachine, removeMachine } from '../../../hooks-runtime/machines';
import type { CompanionCall, Conduct, DomainPart } from '../../../lib';
import { baseVolumeName } from '../../../lib/naming';
import { digestOf } from '../../../lib/spec';
import { vboxDomain } from '../domain-xml/sample-domains';

// libvirt's test driver in this very process, which is the stack's libvirt and the other driver in one: it lasts as long as a connection to it.
const URI = 'test:///default';
const [FIRST, SECOND] = ['6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10', '7f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a11'];
const DIGEST = 'c'.repeat(64);
const { guest: _guest, ...plain } = vboxDomain;
const machine: DomainPart = { ...plain, name: 'lab-one', guest: { name: 'virtualbox', agent: false, user: 'root' }, nics: [], disks: [{ name: 'root', image: { digest: DIGEST, format: 'raw', virtualSize: 2 ** 20 }, size: 2 ** 20, bus: 'sata' }] };
const described: DomainPart = {
  ...machine,
  ...{ hypervisor: 'other', display: false },
  other: { name: 'trial', uri: URI, offers: ['poweron'], isolation: 'emulation', diskFormat: 'raw', xml: "<domain type='test'><os><type>hvm</type></os><devices><disk type='file'><source file='sandform:disk/root'/><target dev='vda'/></disk></devices></domain>" },
};
const owner = { app: 'tests', stack: 'lab', sandbox: 'one' };
const identityOf = (domain: DomainPart) => ({ schemaVersion: 1 as const, ...owner, digest: digestOf(domain) });
const conduct: Conduct = { labels: { a: 'b' }, power: 'on', hooks: [] };
const common = { schemaVersion: 1, uri: URI, hypervisor: 'other', driver: URI } as const;
const call = (uuid: string): CompanionCall => [
  { ...common, action: 'make', uuid, identity: identityOf(described), domain: described, running: true },
  { ...common, action: 'conduct', owner, name: 'lab-one', conduct, uuid },
];
const options = { defaultUri: URI, signal: new AbortController().signal, tell: () => undefined };

let folder: string;
let connection: LibvirtConnection;
const before = process.env['XDG_DATA_HOME'];
beforeAll(async () => {
  process.env['XDG_DATA_HOME'] = folder = mkdtempSync(join(tmpdir(), 'sandform-machine-'));
  connection = await LibvirtConnection.open(URI);
  const pool = await connection.pools.define(`<pool type='dir'><name>sandform</name><target><path>${folder}</path></target></pool>`);
  await pool.create();
  await pool.createVolume(`<volume><name>${baseVolumeName(DIGEST)}</name><capacity>${2 ** 20}</capacity><target><format type='raw'/></target></volume>`);
});
afterAll(async () => {
  await connection?.close();
  if (before === undefined) Reflect.deleteProperty(process.env, 'XDG_DATA_HOME');
  else process.env['XDG_DATA_HOME'] = before;
  rmSync(folder, { recursive: true });
});

const volumes = async () => ((await (await connection.pools.find('sandform'))?.volumes()) ?? []).map(({ name }) => name).filter((name) => !name.startsWith('base.')).sort();
const domains = async () => (await connection.domains.list()).map(({ name }) => name).filter((name) => name !== 'test');
const notes = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
async function nothingIsLeft(): Promise<void> {
  expect([...(await volumes()), ...(await domains()), ...notes()]).toEqual([]);
}

describe('a machine of a hypervisor that its declaration brings along', () => {
  it('is made, kept when asked for again, made anew under another UUID, and removed', async () => {
    await accompany(call(FIRST), 'create', options);
    const { sandboxes } = await listSandboxes(connection);
    expect(sandboxes).toMatchObject([{ address: 'lab/one', state: 'running', uuid: FIRST, isolation: { level: 'emulation' }, spec: { conduct, domain: described } }]);
    expect([await volumes(), notes()]).toEqual([[expect.stringMatching(/^driver\./), 'lab-one.root.raw'], []]);
    await accompany(call(FIRST), 'create', options);
    expect((await listSandboxes(connection)).sandboxes[0]?.birth).toEqual(sandboxes[0]?.birth);
    await accompany(call(SECOND), 'create', options);
    expect((await listSandboxes(connection)).sandboxes.map(({ uuid }) => uuid)).toEqual([SECOND]);
    await accompany([{ ...common, action: 'release', owner, name: 'lab-one', uuid: SECOND }], 'destroy', options);
    await nothingIsLeft();
  });

  it('is gone where a later step fails', async () => {
    const [make, written] = call(FIRST);
    await expect(accompany([make!, { ...written!, uuid: SECOND } as CompanionCall[0]], 'create', options)).rejects.toMatchObject({ code: 'SANDBOX_GONE' });
    await nothingIsLeft();
  });

  it('is refused on another machine than that of its stack, and where the name is somebody else’s', async () => {
    await expect(accompany([{ ...call(FIRST)[0]!, driver: 'test+ssh://elsewhere/default' } as CompanionCall[0]], 'create', options)).rejects.toMatchObject({ code: 'DRIVER_ELSEWHERE' });
    const theirs = await connection.domains.define("<domain type='test'><name>lab-one</name><memory unit='MiB'>8</memory><os><type>hvm</type></os></domain>");
    await expect(accompany(call(FIRST), 'create', options)).rejects.toMatchObject({ code: 'DOMAIN_NAME_TAKEN' });
    await theirs.undefine();
    await nothingIsLeft();
  });
});

// Stands in for VirtualBox, which can't run everywhere: a driver that keeps no metadata.
describe('a machine whose driver keeps no metadata', () => {
  it('is known by its note, and gone with it', async () => {
    const define = (xml: string) => connection.domains.define(xml.replace(/<metadata>[^]*<\/metadata>/, '').replace('type="vbox"', 'type="test"').replace(/<graphics[^]*<\/graphics>|<video>[^]*<\/video>/g, ''));
    const forgetful = new Proxy(connection, { get: (target, name) => (name === 'domains' ? new Proxy(target.domains, { get: (inner, key) => (key === 'define' ? define : bound(inner, key)) }) : bound(target, name)) });
    const made = await makeMachine(forgetful, connection, { uuid: FIRST, identity: identityOf(machine), domain: machine, running: true }, 'making it');
    expect((await listSandboxes(connection)).sandboxes).toMatchObject([{ address: 'lab/one', state: 'running', uuid: FIRST, isolation: { level: 'hardware-virtualization' }, spec: { domain: machine } }]);
    expect([await volumes(), notes()]).toEqual([[expect.stringMatching(/^driver\./), 'lab-one.root.vdi'], [expect.stringContaining(FIRST)]]);
    await removeMachine(connection, connection, made);
    await nothingIsLeft();
  });
});

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}
