import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ConnectedSandbox, type Command, connect } from '../../../hooks-runtime';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { whyNotOffered } from '../../../lib';
import { busyboxRoot } from '../fixtures/busybox-root';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

let host: OwnHost;
let project: TestProject;
let box: ConnectedSandbox;
let containers: LibvirtConnection;

const declare = (more = '') => `
  const lab = new SandboxStack(app, 'lab', { ttl: '1h', owner: 'test' });
  const net = new SandboxNetwork(lab, 'net');
  const busybox = (props) => Guest.container(RootFilesystem.fromTarball('root.tar.gz'), { memory: '48MiB', ...props });
  new Sandbox(lab, 'box', { guest: busybox(), networks: [net], mounts: [{ source: '${project?.folder}/shared', target: '/shared' }, { source: '${project?.folder}/open', target: '/open', readonly: false }] });
  new Sandbox(lab, 'other', { guest: busybox() });
  ${more}`;
const ALL = `
  new Sandbox(lab, 'root', { guest: busybox({ userNamespace: false }) });
  new Sandbox(lab, 'managed', { guest: busybox(), power: 'managed' });
  new Sandbox(lab, 'folder', { guest: Guest.container(RootFilesystem.fromDirectory('tree')) });
  new Sandbox(lab, 'oci', { guest: Guest.container(RootFilesystem.fromOciLayout('layout', { tag: 'v2' })) });`;

beforeAll(async () => {
  host = await OwnHost.up('containers');
  project = TestProject.create(host, '');
  const tarball = readFileSync(busyboxRoot());
  project.write('root.tar.gz', tarball);
  project.write('shared/note', 'from outside\n');
  mkdirSync(join(project.folder, 'open'), { mode: 0o777 });
  execFileSync('chmod', ['0777', join(project.folder, 'open')]);
  execFileSync('chmod', ['0711', project.folder]);
  mkdirSync(join(project.folder, 'tree'));
  execFileSync('tar', ['-xzf', busyboxRoot(), '-C', join(project.folder, 'tree')]);
  writeLayout(tarball);
  project.declare(declare(ALL));
  await project.deployed('lab');
  box = await connect('lab/box', { uri: host.uri });
  containers = await LibvirtConnection.open(host.lxcUri);
});
afterAll(async () => {
  await box?.[Symbol.asyncDispose]();
  await containers?.close();
  await project?.expectDone(project.sandform('reap', '--all'));
  expect(await host.leftovers()).toEqual([]);
  expect(readdirSync(`${host.instance.poolPath}-containers/roots`)).toEqual([]);
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** An OCI layout of two layers, of which the second takes a file of the first away, empties a folder and adds one. */
function writeLayout(tarball: Buffer): void {
  const blob = (bytes: Buffer) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    project.write(`layout/blobs/sha256/${digest}`, bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  for (const file of ['etc/.wh.group', 'tmp/.wh..wh..opq', 'etc/layer']) project.write(`upper/${file}`, '');
  const upper = execFileSync('tar', ['-cz', '--owner=0', '--group=0', '-C', join(project.folder, 'upper'), '.']);
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...blob(gunzipSync(tarball)) }, { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...blob(upper) }];
  const manifest = blob(Buffer.from(JSON.stringify({ schemaVersion: 2, config: blob(Buffer.from('{}')), layers })));
  const other = blob(Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [] })));
  const named = (name: string) => ({ mediaType: 'application/vnd.oci.image.manifest.v1+json', annotations: { 'org.opencontainers.image.ref.name': name } });
  project.write('layout/index.json', JSON.stringify({ schemaVersion: 2, manifests: [{ ...named('v1'), ...other }, { ...named('v2'), ...manifest }] }));
}

/** So many that unpacking them takes a while. */
const MANY = 600;

/** The root filesystem with many files, other ones each time. */
function manyFiles(): Buffer {
  const script = 'rm -rf many && mkdir many && cd many && seq "$1" | split -l 1 -a 3 - && echo "$2" >xaaa && cd .. && tar -czf many.tar.gz -C tree . -C .. many && cat many.tar.gz';
  return execFileSync('sh', ['-c', script, 'sh', String(MANY), randomBytes(8).toString('hex')], { cwd: project.folder, maxBuffer: 2 ** 26 });
}

const run = async (script: Command, options = {}) => box.commands.run(script, { timeout: '20s', ...options });
const within = async <Result>(name: string, work: (sandbox: ConnectedSandbox) => Promise<Result>): Promise<Result> => {
  await using sandbox = await connect(`lab/${name}`, { uri: host.uri });
  return await work(sandbox);
};

describe('a deployed container', () => {
  it('is known as one, and a plan finds nothing to do', async () => {
    const { sandboxes } = JSON.parse((await project.expectDone(project.sandform('ps', '--json'))).stdout) as { sandboxes: { address: string; state: string; isolation: string; owner: string }[] };
    expect(sandboxes.map(({ address }) => address)).toEqual(['lab/box', 'lab/folder', 'lab/managed', 'lab/oci', 'lab/other', 'lab/root']);
    expect(sandboxes[0]).toMatchObject({ state: 'running', isolation: 'container', owner: 'test' });
    expect(await project.planIsClean('lab')).toBe(true);
  });

  it('has no log of its console, which is said in the words of the capability table', async () => {
    const { errors, output } = await project.sandform('logs', 'lab/box').end;
    expect(errors).toEqual(['CONSOLE_UNAVAILABLE']);
    expect(output).toContain(whyNotOffered({ hypervisor: 'lxc' }, 'consoleLog'));
  });

  it('runs hooks and a command like any other, and is off again where the run switched it on', async () => {
    const end = await project.expectDone(project.sandform('run', 'lab/managed', '--', 'sh', '-c', 'echo ran in $HOSTNAME; exit 0'));
    expect(end.output).toContain('ran in');
    expect(await within('managed', ({ power }) => power.state())).toBe('shutoff');
  });

  it('writes to a layer of its own', async () => {
    await run('echo mine >/etc/mark; rm /etc/group');
    expect((await within('other', ({ commands }) => commands.run('cat /etc/mark; cat /etc/group'))).stdout).toBe('root:x:0:\n');
  });

  it('comes from a folder, or from an image in an OCI layout with all that its layers say', async () => {
    expect((await within('folder', ({ commands }) => commands.run('cat /etc/group'))).stdout).toBe('root:x:0:\n');
    expect((await within('oci', ({ commands }) => commands.run('ls /etc /tmp'))).stdout).toBe('/etc:\nlayer\npasswd\n\n/tmp:\n');
  });

  it('sees what is mounted, and writes only where it may', async () => {
    expect((await run('cat /shared/note; touch /shared/x; echo $?; echo in >/open/answer; echo $?')).stdout).toBe('from outside\n1\n0\n');
    expect(readFileSync(join(project.folder, 'open/answer'), 'utf8')).toBe('in\n');
  });
});

describe('what keeps a container in', () => {
  it('its root is nobody on the host, and sees neither processes nor files nor networks of it', async () => {
    const { stdout } = await run('cat /proc/self/uid_map; ls /proc/self/fd | wc -l; ls -d /proc/[0-9]* | wc -l; ls /sys/class/net; mknod /tmp/sda b 8 0 2>&1; cat /dev/kmsg 2>&1');
    expect(stdout).toMatch(/^ +0 2000000000 +65536\n4\n\d\neth0\nlo\nmknod: .*not permitted\ncat: .*No such file/);
    // ls itself has the folder open; its standard streams are three.
    expect((await run('readlink /proc/1/ns/mnt')).stdout).toBe((await run('readlink /proc/self/ns/mnt')).stdout);
  });

  it('without a network it has none, rather than that of the host', async () => {
    expect((await within('other', ({ commands }) => commands.run('ls /sys/class/net'))).stdout).toBe('lo\n');
  });

  it('without a user namespace, a command can get no more than the container was given', async () => {
    const { stdout } = await within('root', ({ commands }) => commands.run(`grep -h CapBnd /proc/1/status /proc/self/status; cat /proc/self/uid_map; awk '$5 == "/"' /proc/self/mountinfo`));
    const [first, second, map, mount] = stdout.split('\n');
    expect(first).toBe(second);
    expect(map).toMatch(/^ +0 +0 +4294967295$/);
    expect(mount).toMatch(/nosuid,nodev/);
  });

  it('memory: whoever takes more is killed, and the rest goes on', async () => {
    expect((await run('grep MemTotal /proc/meminfo')).stdout).toMatch(/49152 kB/);
    await expect(run(['tail', '/dev/zero'])).resolves.toMatchObject({ signal: 'SIGKILL' });
    expect((await run('echo alive')).stdout).toBe('alive\n');
  });

  it('processor time: two that want all get one', async () => {
    const domain = await containers.domains.get('lab-box');
    const [before, start] = [(await domain.info()).cpuTimeNs, performance.now()];
    await run('for i in 1 2; do timeout 2 sh -c "while :; do :; done" & done; wait');
    const share = ((await domain.info()).cpuTimeNs - before) / 1e6 / (performance.now() - start);
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(1.3);
  });
});

describe('a command in a container', () => {
  it.each<[string, Command, object, object]>([
    ['tells its exit code', 'exit 7', {}, { exitCode: 7, signal: null }],
    ['tells the signal that ended it', 'kill -TERM $$', {}, { exitCode: null, signal: 'SIGTERM' }],
    ['keeps its streams apart', 'echo out; echo err >&2', {}, { stdout: 'out\n', stderr: 'err\n' }],
    ['reads its input to the end', 'cat', { stdin: 'a\nb' }, { stdout: 'a\nb' }],
    ['finds its folder and environment', 'pwd; echo $A', { cwd: '/tmp', env: { A: "it's" } }, { stdout: "/tmp\nit's\n" }],
    ['begins at home, with nothing of the host in its environment', 'pwd; env | cut -d= -f1 | sort | tr "\\n" " "', {}, { stdout: '/root\nHOME OLDPWD PATH PWD SHLVL USER container ' }],
    ['gets its words as they are', ['printf', '%s|', 'a b', '$HOME', "'"], {}, { stdout: "a b|$HOME|'|" }],
    ['that is not there ends with 127', ['nosuch'], {}, { exitCode: 127 }],
    ['ends though what it left behind holds its output', 'sleep 4711 & echo done', {}, { exitCode: 0, stdout: 'done\n' }],
  ])('%s', async (_, command, options, expected) => {
    await expect(run(command, options)).resolves.toMatchObject(expected);
  });

  it('is killed with its children by its timeout and by an abort', async () => {
    await expect(run('echo before; sleep 4001 | sleep 4001; true', { timeout: '1s' })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT', details: { stdout: 'before\n' } });
    const controller = new AbortController();
    await expect(run('echo up; sleep 4002', { signal: controller.signal, onStdout: () => controller.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await run('ps | grep -c "sleep 400[12]"')).stdout.trim()).toBe('0');
  });

  it('handles a signal', async () => {
    const running = await box.commands.start('trap "echo caught; exit 9" USR1; echo ready; while :; do sleep 0.05; done');
    running.stdout.once('data', () => void running.kill('SIGUSR1'));
    await expect(running.wait()).resolves.toMatchObject({ exitCode: 9 });
  });

  it('has a terminal that follows a resize and passes Ctrl-C on', async () => {
    const running = await box.commands.start('stty size; echo $TERM; read line; stty size; sleep 4004', { pty: { columns: 100, rows: 30, term: 'vt100' } });
    let seen = '';
    running.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await eventually('the first size', () => seen.includes('30 100\r\nvt100\r\n'));
    running.resize(120, 40);
    running.stdin.write('go\r');
    await eventually('the second size', () => seen.includes('40 120\r\n'));
    running.stdin.write('\x03');
    await expect(running.wait()).resolves.toMatchObject({ exitCode: null, signal: 'SIGINT' });
  });

  it('and its files go in and out byte for byte, whatever the container makes of paths', async () => {
    const bytes = randomBytes(3_000_001);
    await box.files.write('/tmp/big', bytes, { mode: 0o600 });
    expect((await box.files.read('/tmp/big')).equals(bytes)).toBe(true);
    await run('mkdir /tmp/t; ln -s /etc/passwd /tmp/t/link; mkfifo /tmp/t/pipe; mkdir /tmp/t/d');
    await expect(box.files.list('/tmp/t')).resolves.toMatchObject([{ name: 'd', type: 'directory' }, { name: 'link', type: 'symlink' }, { name: 'pipe', type: 'other' }]);
    // A link is followed in the container, never on the host.
    expect((await box.files.read('/tmp/t/link')).toString()).toBe('root:x:0:0:root:/root:/bin/sh\n');
    await expect(box.files.read('/tmp/t/pipe')).rejects.toMatchObject({ code: 'GUEST_FILE', details: { reason: 'not-supported' } });
    await expect(box.files.read('/tmp/none')).rejects.toMatchObject({ details: { reason: 'missing' } });
    await expect(box.files.read('/dev/zero', { maxSize: '1MiB' })).rejects.toMatchObject({ details: { reason: 'too-big' } });
    await box.files.remove('/tmp/t', { recursive: true });
    await expect(box.files.stat('/tmp/t')).rejects.toMatchObject({ details: { reason: 'missing' } });
  });

  it('and what listens in it is reached', async () => {
    const server = await box.commands.start('echo -n hello | nc -l -p 7000 127.0.0.1');
    await eventually('a listener', async () => (await run('netstat -ltn')).stdout.includes(':7000'));
    const socket = await box.ports.connect(7000);
    server.stdout.resume();
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toBe('hello');
    socket.destroy();
    await server.kill('SIGKILL');
  });
});

describe('the power of a container', () => {
  it('stops, goes on, ends when asked, and starts with what it wrote, also after its host was switched off', async () => {
    await box.power.pause();
    expect(await box.power.state()).toBe('paused');
    await box.power.resume();
    expect((await run('cat /etc/mark')).stdout).toBe('mine\n');
    const lost = run('sleep 4005');
    await eventually('a command', async () => (await run('ps')).stdout.includes('sleep 4005'));
    await box.power.restart({ timeout: '20s' });
    await box.waitForGuest();
    await box.power.shutdown({ timeout: '20s' });
    await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/SANDBOX_GONE|COMMAND_LOST/) });
    await expect(run('true')).rejects.toMatchObject({ code: 'SANDBOX_OFF' });
    execFileSync('nsenter', [...host.instance.inside(['umount', `${host.instance.poolPath}-containers/mounts/lab-box`], { mounts: true }).slice(1)]);
    await box.power.poweron();
    await box.waitForGuest();
    expect((await run('cat /etc/mark')).stdout).toBe('mine\n');
  });
});

describe('a stack of containers', () => {
  it('changes: conduct under the running container, the rest by another one in its place', async () => {
    const birth = async () => (await run('cat /proc/1/stat')).stdout.split(' ')[21];
    const before = await birth();
    project.declare(declare(ALL.replace(/.*'oci'.*/, '')).replace("'test'", "'grace'").replace("'other', { guest: busybox()", "'other', { guest: busybox(), memory: '40MiB'"));
    await project.deployed('lab');
    expect(await birth()).toBe(before);
    expect((await within('box', ({ spec }) => Promise.resolve(spec.conduct.owner)))).toBe('grace');
    expect((await within('other', ({ commands }) => commands.run('grep MemTotal /proc/meminfo'))).stdout).toMatch(/40960 kB/);
    expect((await containers.domains.list()).map(({ name }) => name).sort()).toEqual(['lab-box', 'lab-folder', 'lab-managed', 'lab-other', 'lab-root']);
    expect(existsSync(`${host.instance.poolPath}-containers/layers/lab-oci`)).toBe(false);
  });

  it('is destroyed from whatever state its containers are in', async () => {
    const virsh = (...words: string[]) => execFileSync('virsh', ['-q', '-c', host.lxcUri, ...words], { timeout: 30_000 });
    virsh('suspend', 'lab-box');
    virsh('destroy', 'lab-other');
    virsh('destroy', 'lab-folder');
    virsh('undefine', 'lab-folder');
    await within('root', ({ commands }) => commands.run('kill -TERM 1')).catch(() => undefined);
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
    expect(readdirSync(`${host.instance.poolPath}-containers/layers`)).toEqual([]);
  });

  it('leaves nothing where its deploys were killed, one as it unpacked a root filesystem and one as it made a container, and deploys anew', async () => {
    const roots = () => readdirSync(`${host.instance.poolPath}-containers/roots`);
    const before = roots();
    const layer = `${host.instance.poolPath}-containers/layers/lab-box`;
    project.write('root.tar.gz', manyFiles());
    project.declare(declare());
    await project.synth();
    for (const isReached of [() => roots().some((name) => name.startsWith('.part.')), () => existsSync(layer)]) {
      const deploy = await project.apply('lab');
      await eventually('the moment to kill it', isReached);
      deploy.killTree();
      await deploy.end;
    }
    // What the deploys left is in the way of nothing, and no half of it is used.
    await project.expectDone(await project.apply('lab'));
    expect(roots().filter((name) => !before.includes(name))).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.users$/)]);
    expect((await within('box', ({ commands }) => commands.run('ls /many | wc -l'))).stdout).toBe(`${MANY}\n`);
    await project.expectDone(project.sandform('reap', 'lab'));
    expect(await host.leftovers({ images: true })).toEqual([]);
    expect(existsSync(layer)).toBe(false);
    await project.destroyed('lab');
  });

  it('is refused where its first program is missing, and leaves nothing', async () => {
    expect(await refused(`{ guest: Guest.container(RootFilesystem.fromTarball('root.tar.gz'), { init: ['/nosuch'] }) }`)).toMatch(/CONTAINER_FAILED/);
  });

  it('is refused where a folder that it shares has other mounts below it', async () => {
    // Every root has /proc.
    expect(await refused(`{ guest: Guest.container(RootFilesystem.fromTarball('root.tar.gz')), mounts: [{ source: '/', target: '/host' }] }`)).toMatch(/CONTAINER_FAILED[^]*the folder \/, below which \/\S+ is mounted/);
  });

  async function refused(props: string): Promise<string> {
    project.declare(`new Sandbox(new SandboxStack(app, 'lab'), 'box', ${props});`);
    await project.synth();
    const { exitCode, output } = await (await project.apply('lab')).end;
    expect(exitCode).toBe(1);
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
    return output;
  }
});
