import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HostInstance } from '../../hooks-runtime/host';
import { until } from '../../hooks-runtime/host/until';
import { processIdentity, isAlive } from '../../hooks-runtime/processes';

const NAME = `faults-${process.pid}`;
const HOST_MODULE = join(__dirname, '../../dist/hooks-runtime/host');
const GUEST = `<domain type='qemu'><name>guest</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os></domain>`;

const folder = mkdtempSync(join(tmpdir(), 'sandform-host-faults-'));
const guestXml = join(folder, 'guest.xml');
writeFileSync(guestXml, GUEST);

async function virsh(uri: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('virsh', ['-q', '-c', uri, ...args], { timeout: 30_000 });
  return stdout.trim();
}

const traces = (): string[] => [`/run/sandform/host/${NAME}`, ...globSync(`/sys/fs/cgroup/*/sandform-${NAME}-*`)].filter((path) => existsSync(path));

afterEach(() => HostInstance.down(NAME, { purge: true }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a libvirt of our own whose processes are killed', () => {
  it.each(['the holder of its namespaces', 'its process 1'])('ends as a whole with %s, is called stale, and starts again', async (which) => {
    const host = await HostInstance.up({ name: NAME });
    await virsh(host.uri, 'define', guestXml);
    await virsh(host.uri, 'start', 'guest');
    const guest = processIdentity(host.processIds('qemu-system-x86_64')[0]!)!;
    const [processOne] = host.processIds('dash').concat(host.processIds('bash')).sort((a, b) => a - b);

    process.kill(which.startsWith('its') ? processOne! : host.pid, 'SIGKILL');
    expect(await until(() => !isAlive(guest), { milliseconds: 10_000 })).toBe(true);
    expect(await until(async () => (await HostInstance.status(NAME)).condition === 'stale', { milliseconds: 10_000 })).toBe(true);

    const again = await HostInstance.up({ name: NAME });
    expect(await virsh(again.uri, 'list', '--all', '--name')).toBe('guest');
    expect(await virsh(again.uri, 'list', '--name')).toBe('');
    await again.down();
    expect(traces()).toEqual([]);
  });

  it('gets its libvirtd back, and the guest never notices', async () => {
    const host = await HostInstance.up({ name: NAME });
    await virsh(host.uri, 'create', guestXml);
    const guest = processIdentity(host.processIds('qemu-system-x86_64')[0]!)!;
    const [daemon] = host.processIds('libvirtd');
    process.kill(daemon!, 'SIGKILL');
    expect(await until(async () => host.processIds('libvirtd').some((pid) => pid !== daemon) && (await HostInstance.status(NAME)).condition === 'up', { milliseconds: 20_000 })).toBe(true);
    expect(await virsh(host.uri, 'list', '--name')).toBe('guest');
    expect(isAlive(guest)).toBe(true);
  });

  it('says that it does not answer while its libvirtd hangs, and goes down all the same', async () => {
    const host = await HostInstance.up({ name: NAME });
    process.kill(host.processIds('libvirtd')[0]!, 'SIGSTOP');
    await expect(HostInstance.status(NAME)).resolves.toMatchObject({ condition: 'not-answering' });
    await host.down();
    expect(traces()).toEqual([]);
  });
});

describe('a libvirt of our own that was started for one process', () => {
  it('ends with that process, however it ends', async () => {
    const starter = startedElsewhere("{ lifetime: 'starter' }", '.then(() => { process.send("up"); setInterval(() => undefined, 1000); })');
    await once(starter, 'message');
    await once(starter, 'message');
    const { instance } = await HostInstance.status(NAME);
    const holder = processIdentity(instance!.pid)!;
    starter.kill('SIGKILL');
    expect(await until(() => !isAlive(holder), { milliseconds: 10_000 })).toBe(true);
    await expect(HostInstance.status(NAME)).resolves.toMatchObject({ condition: 'stale' });
  });
});

describe('a libvirt of our own under chroot', () => {
  it('runs guests that use devices', async () => {
    const root = mkdtempSync(join(folder, 'root-'));
    const guest = join(folder, 'random.xml');
    writeFileSync(guest, GUEST.replace('</domain>', "<devices><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>"));
    const inside = `
      const { HostInstance } = require(${JSON.stringify(HOST_MODULE)});
      const { execFileSync } = require('node:child_process');
      HostInstance.up({ name: '${NAME}' }).then(async (host) => {
        execFileSync('virsh', ['-q', '-c', host.uri, 'create', '${guest}']);
        console.log(execFileSync('virsh', ['-q', '-c', host.uri, 'list', '--name'], { encoding: 'utf8' }));
        await host.down({ purge: true });
      });`;
    const script = `
      mount --bind / ${root}; mount -t proc proc ${root}/proc; mount --rbind /sys ${root}/sys; mount --rbind /dev ${root}/dev
      cd ${process.cwd()} && exec chroot ${root} env -C ${process.cwd()} "$@"`;
    const arrange = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-euc', script, 'sh'];
    const { stdout } = await promisify(execFile)('unshare', [...arrange, process.execPath, '--eval', inside], { timeout: 60_000 });
    expect(stdout.trim()).toBe('guest');
  });
});

describe('starting a libvirt of our own', () => {
  it.each([0, 30, 60, 100, 150, 250, 400, 700])('leaves nothing that `down` cannot remove when its starter is killed after %i ms', async (milliseconds) => {
    const starter = startedElsewhere("{ accelerator: 'tcg' }");
    await once(starter, 'message');
    await delay(milliseconds);
    starter.kill('SIGKILL');
    await once(starter, 'close');

    // Who holds only the lock notices the death of its parent by itself.
    expect(await until(async () => (await HostInstance.down(NAME).then(() => HostInstance.status(NAME))).condition === 'down', { milliseconds: 10_000 })).toBe(true);
    expect(await until(() => processesOf(NAME).length === 0, { milliseconds: 5_000 })).toBe(true);
    expect(traces()).toEqual([]);
    const host = await HostInstance.up({ name: NAME });
    expect(await virsh(host.uri, 'list', '--all', '--name')).toBe('');
  });

  it('fails with the log, and leaves nothing, when the daemon keeps ending', async () => {
    const programs = mkdtempSync(join(folder, 'bin-'));
    writeFileSync(join(programs, 'libvirtd'), '#!/bin/sh\necho "no can do" >&2\nexit 6\n');
    chmodSync(join(programs, 'libvirtd'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${programs}:${path}`;
    try {
      const failure = await HostInstance.up({ name: NAME }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'HOST_START_FAILED', given: expect.stringContaining('no can do') });
    } finally {
      process.env['PATH'] = path;
    }
    expect(traces()).toEqual([]);
  });
});

/** Another process that sends a message when it begins to start the instance. */
function startedElsewhere(options: string, afterwards = ''): ChildProcess {
  const program = `const { HostInstance } = require(${JSON.stringify(HOST_MODULE)}); process.send('loaded'); void HostInstance.up({ name: '${NAME}', ...${options} })${afterwards};`;
  return spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

function processesOf(name: string): string[] {
  return globSync('/proc/[0-9]*/cmdline').filter((file) => readIfThere(file).includes(`/run/sandform/host/${name}/`));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
