import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostInstance } from '../../../hooks-runtime/host';
import { BaseVolumes, SandformPool } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { reap, type ReapReport, type ReapSelection } from '../../../hooks-runtime/reap';
import { appMark, reservationName, stackMarkerName } from '../../../lib/naming';
import { idleSandbox, type IdleSandboxOptions } from '../fixtures/idle-sandbox';
import { TestImages } from '../fixtures/test-image';

// Reaping everything takes what other tests have, so this file has a libvirt to itself.
let host: HostInstance;
let connection: LibvirtConnection;
let runs: string;

beforeAll(async () => {
  host = await HostInstance.up({ name: 'test-reap' });
  connection = await LibvirtConnection.open(host.uri);
  runs = mkdtempSync(join(tmpdir(), 'sandform-runs-'));
});
afterAll(async () => {
  await connection.close();
  await host.down({ purge: true });
  rmSync(runs, { recursive: true, force: true });
});
afterEach(async () => {
  await reaped({ all: true });
});

const reaped = (selection: ReapSelection, dryRun = false): Promise<ReapReport> => reap({ uri: host.uri, selection, dryRun, runs });
const named = ({ removed }: ReapReport): string[] => removed.map(({ kind, name }) => `${kind} ${name}`).sort();
const sandbox = (address: string, options: IdleSandboxOptions = {}) => {
  const [stack = '', name = ''] = address.split('/');
  return idleSandbox(connection, { stack, sandbox: name, ...options });
};

async function network(name: string, stack: string | undefined, third: number, start = true): Promise<void> {
  const identity = JSON.stringify({ schemaVersion: 1, app: 'test', stack, network: 'net' });
  const metadata = stack === undefined ? '' : `<metadata><s:network xmlns:s='urn:sandform:network:1'>${identity}</s:network></metadata>`;
  const made = await connection.networks.define(`<network><name>${name}</name>${metadata}<bridge name='sfr${third}'/><ip address='10.203.${third}.1' prefix='24'/></network>`);
  if (start) await made.create();
}

async function mark(...names: string[]): Promise<void> {
  const pool = await SandformPool.ensure(connection);
  for (const name of names) await pool.mark(name);
}

const RESERVED_AT = Math.floor(Date.now() / 1000);
const reservation = (name: string, stack: string, third: number) => reservationName({ network: name, subnet: `10.203.${third}.0/24`, stack, appMark: appMark('test'), at: RESERVED_AT });

/** Everything that is on the host, ours or not. */
async function onHost(): Promise<string[]> {
  const volumes = (await (await SandformPool.ensure(connection)).volumes()).map(({ volume }) => `volume ${volume.name}`);
  const domains = (await connection.domains.list()).map(({ name }) => `domain ${name}`);
  const networks = (await connection.networks.list()).map(({ name }) => `network ${name}`);
  return [...domains, ...networks, ...volumes].filter((name) => name !== 'network default').sort();
}

describe('reaping a stack', () => {
  it('removes its sandboxes in whatever state, with their volumes, networks, reservations and marker, and nothing else', async () => {
    const [running, paused, saved] = [await sandbox('lab/running'), await sandbox('lab/paused'), await sandbox('lab/saved')];
    await Promise.all([running, paused, saved].map(({ domain }) => domain.create()));
    await paused.domain.suspend();
    await saved.domain.managedSave();
    await running.domain.snapshotCreate('<domainsnapshot><name>one</name></domainsnapshot>');
    await network('lab-net', 'lab', 1);
    await mark(stackMarkerName('lab'), reservation('lab-net', 'lab', 1), stackMarkerName('lab-x'));
    const other = await sandbox('lab-x/y');
    await other.domain.create();
    await network('lab-x-net', 'lab-x', 2);
    const expected = ['domain lab-running', 'domain lab-paused', 'domain lab-saved', 'network lab-net', 'marker stack.lab.marker', `reservation ${reservation('lab-net', 'lab', 1)}`];
    const volumes = ['running', 'paused', 'saved'].map((name) => `volume lab-${name}.root.qcow2`);

    const before = await onHost();
    const planned = await reaped({ stack: 'lab' }, true);
    expect(await onHost()).toEqual(before);
    const report = await reaped({ stack: 'lab' });

    expect(named(report)).toEqual([...expected, ...volumes].sort());
    expect(named(planned)).toEqual(named(report));
    expect(report.failed).toEqual([]);
    expect(await onHost()).toEqual(['domain lab-x-y', 'network lab-x-net', 'volume lab-x-y.root.qcow2', 'volume stack.lab-x.marker']);
    expect(await other.domain.info()).toMatchObject({ active: true });
    expect(named(await reaped({ stack: 'lab' }))).toEqual([]);
  });

  it('removes what a killed deploy left before there was a domain, but not that of a stack with a longer name', async () => {
    const pool = await SandformPool.ensure(connection);
    const volume = (name: string) => pool.createVolume(`<volume><name>${name}</name><capacity unit='MiB'>1</capacity><target><format type='qcow2'/></target></volume>`);
    await volume('lab-victim.root.qcow2');
    await volume('lab-x-victim.root.qcow2');
    await mark(stackMarkerName('lab'), stackMarkerName('lab-x'));
    expect(named(await reaped({ stack: 'lab' }))).toEqual(['marker stack.lab.marker', 'volume lab-victim.root.qcow2']);
    expect(await onHost()).toEqual(['volume lab-x-victim.root.qcow2', 'volume stack.lab-x.marker']);
  });
});

describe('reaping sandboxes', () => {
  beforeEach(async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    await sandbox('lab/old', { birth: hourAgo, conduct: { ttl: 60_000, labels: { team: 'red' } } });
    await sandbox('lab/young', { conduct: { ttl: 60_000, labels: { team: 'red' }, owner: 'me' } });
    await sandbox('sole/old', { birth: hourAgo, conduct: { ttl: 60_000, labels: { team: 'blue' }, owner: 'me' } });
    await network('lab-net', 'lab', 1, false);
    await network('sole-net', 'sole', 2, false);
    await mark(stackMarkerName('lab'), stackMarkerName('sole'));
  });

  it.each<[ReapSelection, string[]]>([
    [{ expired: true }, ['domain lab-old', 'domain sole-old', 'marker stack.lab.marker', 'marker stack.sole.marker', 'network sole-net', 'volume lab-old.root.qcow2', 'volume sole-old.root.qcow2']],
    [{ expired: true, stack: 'lab' }, ['domain lab-old', 'marker stack.lab.marker', 'volume lab-old.root.qcow2']],
    [{ stack: 'lab', sandbox: 'young' }, ['domain lab-young', 'marker stack.lab.marker', 'volume lab-young.root.qcow2']],
    [{ labels: { team: 'red' } }, ['domain lab-old', 'domain lab-young', 'marker stack.lab.marker', 'network lab-net', 'volume lab-old.root.qcow2', 'volume lab-young.root.qcow2']],
    [{ owner: 'me', labels: { team: 'red' } }, ['domain lab-young', 'marker stack.lab.marker', 'volume lab-young.root.qcow2']],
    [{ owner: 'nobody' }, []],
  ])('takes those that fit %j, and their stack once none remains', async (selection, expected) => {
    const planned = named(await reaped(selection, true));
    expect(named(await reaped(selection))).toEqual(expected);
    expect(planned).toEqual(expected);
  });
});

describe('reaping everything', () => {
  it('leaves no domain, network, volume or filter of ours, the pool itself, and what is not ours', async () => {
    using images = new TestImages();
    const image = images.qcow2(16 * 2 ** 20);
    await (await BaseVolumes.open(connection)).ensure(image, { environment: images.environment });
    const { domain } = await sandbox('lab/one');
    await domain.create();
    await sandbox('lab/broken', { identityText: 'what?' });
    await network('lab-net', 'lab', 1);
    await network('theirs', undefined, 9, false);
    await connection.nwfilters.define("<filter name='sandform-lab-one-0'/>");
    await connection.domains.define("<domain type='qemu'><name>theirs</name><memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os></domain>");
    const pool = await SandformPool.ensure(connection);
    await pool.createVolume("<volume><name>their-file</name><capacity>1</capacity></volume>");

    const planned = named(await reaped({ all: true }, true));
    const report = await reaped({ all: true });

    expect(report.failed).toEqual([]);
    expect(named(report)).toEqual(planned);
    expect(await onHost()).toEqual(['domain theirs', 'network theirs', 'volume their-file']);
    expect((await connection.nwfilters.list()).filter(({ name }) => name.startsWith('sandform-'))).toEqual([]);
    expect(await SandformPool.find(connection)).toBeDefined();
    await (await connection.domains.get('theirs')).undefine();
    await (await connection.networks.get('theirs')).undefine();
    await pool.remove('their-file');
  });

  it('goes on where one thing fails, and tells REAP_INCOMPLETE for it', async () => {
    const { volume } = await sandbox('lab/one');
    await sandbox('lab/two');
    // A folder in the place of the volume's file cannot be deleted as a volume.
    const path = join(host.poolPath, volume);
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'in the way'), '');
    const report = await reaped({ all: true });
    rmSync(path, { recursive: true });
    expect(report.failed).toMatchObject([{ kind: 'volume', name: volume, error: { code: 'REAP_INCOMPLETE' } }]);
    expect((await connection.domains.list()).map(({ name }) => name)).toEqual([]);
  });
});

describe('reaping processes', () => {
  const children: { kill(signal: NodeJS.Signals): boolean }[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A process that registers itself, working for a helper that may end, and waits. */
  async function registered(uri: string, options: { orphaned: boolean; address?: string }): Promise<{ readonly pid: number }> {
    const program = `
      const { registerProcess } = require(${JSON.stringify(join(__dirname, '../../../dist/hooks-runtime/processes'))});
      registerProcess({ what: 'companion', uri: ${JSON.stringify(uri)}, address: ${JSON.stringify(options.address)}, worksFor: ['bash'] });
      process.send('ready');
      setInterval(() => {}, 1000);`;
    const file = join(runs, `worker-${children.length}.cjs`);
    writeFileSync(file, program);
    // bash stays as the parent because it has one more thing to do; killed, it leaves its child alone.
    const parent = spawn('bash', ['-c', `"${process.execPath}" "${file}" & echo $!; wait; true`], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], cwd: join(__dirname, '../../..') });
    children.push(parent);
    const [[pid]] = (await Promise.all([once(parent.stdout!, 'data'), once(parent, 'message')])) as [[Buffer], unknown];
    const worker = Number(String(pid).trim());
    if (options.orphaned) {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
    const kill = (): boolean => existsSync(`/proc/${worker}`) && process.kill(worker, 'SIGKILL');
    children.push({ kill });
    return { pid: worker };
  }

  it('ends one whose Terraform is gone, and not one that is waited for', async () => {
    const orphan = await registered(host.uri, { orphaned: true, address: 'lab/one' });
    const worker = await registered(host.uri, { orphaned: false, address: 'lab/one' });
    expect(named(await reaped({ stack: 'other' }))).toEqual([]);
    expect(named(await reaped({ stack: 'lab' }))).toEqual([`process sandform companion (${orphan.pid})`]);
    expect(existsSync(`/proc/${worker.pid}`)).toBe(true);
    expect(named(await reaped({ all: true }))).toEqual([`process sandform companion (${worker.pid})`]);
  });

  it('leaves alone those that work on another host', async () => {
    const worker = await registered('qemu:///elsewhere', { orphaned: true });
    expect(named(await reaped({ all: true }))).toEqual([]);
    expect(existsSync(`/proc/${worker.pid}`)).toBe(true);
  });
});
