import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HostInstance } from '../../hooks-runtime/host';
import { isAlive, processIdentity } from '../../hooks-runtime/processes';

const NAMES = { one: `one-${process.pid}`, other: `other-${process.pid}` };
const GUEST = `<domain type='qemu'><name>guest</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os></domain>`;
const NETWORK = `<network><name>net</name><forward mode='nat'/><ip address='10.93.7.1' netmask='255.255.255.0'/></network>`;
const CONTAINER = `<domain type='lxc'><name>container</name><memory unit='MiB'>32</memory><os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os><devices><console type='pty'/></devices></domain>`;

const files = mkdtempSync(join(tmpdir(), 'sandform-host-test-'));
const xml = (name: string, text: string): string => {
  writeFileSync(join(files, name), text);
  return join(files, name);
};

async function virsh(uri: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('virsh', ['-q', '-c', uri, ...args], { timeout: 30_000 });
  return stdout.trim();
}

const traces = (name: string): string[] => [`/run/sandform/host/${name}`, `/run/sandform/host/${name}.lock`, ...globSync(`/sys/fs/cgroup/*/sandform-${name}-????????`)].filter((path) => existsSync(path));

afterEach(async () => {
  for (const name of Object.values(NAMES)) await HostInstance.down(name, { purge: true });
});
afterAll(() => rmSync(files, { recursive: true }));

describe('a libvirt of our own', () => {
  it('runs QEMU guests, containers and networks, none of which the machine sees', async () => {
    const host = await HostInstance.up({ name: NAMES.one });
    await virsh(host.uri, 'net-create', xml('net.xml', NETWORK));
    await virsh(host.uri, 'create', xml('guest.xml', GUEST));
    await virsh(host.lxcUri, 'create', xml('container.xml', CONTAINER));

    expect(await virsh(host.uri, 'list', '--name')).toBe('guest');
    expect(await virsh(host.lxcUri, 'list', '--name')).toBe('container');
    expect(await virsh(host.uri, 'pool-info', 'sandform')).toMatch(/State: +running/);
    const [nsenter = '', ...inside] = host.inside(['ip', '-o', 'address']);
    expect((await promisify(execFile)(nsenter, inside)).stdout).toContain('10.93.7.1/24');
    expect((await promisify(execFile)('ip', ['-o', 'address'])).stdout).not.toContain('10.93.7.1/24');
  });

  it('runs QEMU as a user without privileges', async () => {
    const host = await HostInstance.up({ name: NAMES.one });
    await virsh(host.uri, 'create', xml('guest.xml', GUEST));
    const [qemu = 0] = host.processIds('qemu-system-x86_64');
    expect(existsSync(`/proc/${qemu}`)).toBe(true);
    const { stdout } = await promisify(execFile)('stat', ['--format', '%u', `/proc/${qemu}`]);
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  it('leaves no trace when it is down and purged, and may be brought down again', async () => {
    const host = await HostInstance.up({ name: NAMES.one });
    await virsh(host.uri, 'create', xml('guest.xml', GUEST));
    await virsh(host.lxcUri, 'create', xml('container.xml', CONTAINER));
    const processes = ['qemu-system-x86_64', 'libvirtd', 'virtlogd', 'libvirt_lxc'].flatMap((program) => host.processIds(program)).map(processIdentity);
    expect(processes.length).toBeGreaterThanOrEqual(4);

    await host.down({ purge: true });
    await host.down({ purge: true });
    expect(processes.filter((identity) => identity && isAlive(identity))).toEqual([]);
    expect(traces(NAMES.one)).toEqual([]);
    expect(existsSync(`/var/lib/sandform/${NAMES.one}`)).toBe(false);
    await expect(HostInstance.status(NAMES.one)).resolves.toMatchObject({ condition: 'down' });
  });

  it('keeps its definitions from one start to the next, unless purged', async () => {
    const host = await HostInstance.up({ name: NAMES.one });
    await virsh(host.uri, 'define', xml('guest.xml', GUEST));
    await host.down();
    const again = await HostInstance.up({ name: NAMES.one });
    expect(await virsh(again.uri, 'list', '--all', '--name')).toBe('guest');
    await again.down({ purge: true });
    const fresh = await HostInstance.up({ name: NAMES.one });
    expect(await virsh(fresh.uri, 'list', '--all', '--name')).toBe('');
  });

  it('lives beside another one with guests of the same names', async () => {
    const [one, other] = await Promise.all([HostInstance.up({ name: NAMES.one }), HostInstance.up({ name: NAMES.other })]);
    for (const { uri, lxcUri } of [one, other]) {
      await virsh(uri, 'net-create', xml('net.xml', NETWORK));
      await virsh(uri, 'create', xml('guest.xml', GUEST));
      await virsh(lxcUri, 'create', xml('container.xml', CONTAINER));
    }
    await one.down();
    expect(await virsh(other.uri, 'list', '--name')).toBe('guest');
    expect(await virsh(other.lxcUri, 'list', '--name')).toBe('container');
    expect((await HostInstance.list()).find(({ name }) => name === NAMES.other)).toMatchObject({ condition: 'up' });
  });

  it('is started once when several ask for it at once', async () => {
    const instances = await Promise.all([1, 2, 3].map(() => HostInstance.up({ name: NAMES.one })));
    expect(new Set(instances.map(({ pid }) => pid)).size).toBe(1);
  });

  it('shows its guests no KVM where they are to be emulated', async () => {
    const host = await HostInstance.up({ name: NAMES.one, accelerator: 'tcg' });
    expect(host.accelerator).toBe('tcg');
    expect(existsSync(`/proc/${host.processIds('libvirtd')[0] ?? 0}/root/dev/null`)).toBe(true);
    expect(existsSync(`/proc/${host.processIds('libvirtd')[0] ?? 0}/root/dev/kvm`)).toBe(false);
    expect(await virsh(host.uri, 'capabilities')).not.toContain("<domain type='kvm'/>");
  });

  it('needs root, and says so before it does anything', async () => {
    const user = jest.spyOn(process, 'geteuid').mockReturnValue(1000);
    await expect(HostInstance.up({ name: NAMES.one })).rejects.toMatchObject({ code: 'HOST_NOT_ROOT' });
    user.mockRestore();
    expect(traces(NAMES.one)).toEqual([]);
  });
});
