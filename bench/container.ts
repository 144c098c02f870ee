import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connect } from '../hooks-runtime/sandbox';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, seconds } from './measurement';
import type { SeePeer } from './see-peer';

const ROUNDS = 10;
/** How many containers, and how often they are deployed. */
const COUNTS = [[1, 3], [10, 2], [50, 1]] as const;
const NAME = 'by-hand';

/**
 * A container over a small root filesystem: from switching it on to the end of its first command, against the same by hand (`virsh create` and
 * `virsh lxc-enter-namespace`) and against python-see's context for containers, which virsh enters.
 */
export async function containers(host: BenchHost, see: SeePeer): Promise<Measurement[]> {
  await makeRoot(host);
  await host.deploy('bench-lxc-off');
  const template = handMade(host);
  const byHand = await inTurns(ROUNDS, () => firstCommand(host), () => firstByHand(host, template));
  const bySee = await inTurns(ROUNDS, () => firstCommand(host), () => firstBySee(host, see, template));
  await host.destroy('bench-lxc-off');
  const what = 'container: power on to first command';
  return [
    { what, unit: 's', ours: byHand.ours, peer: { name: 'virsh create and lxc-enter-namespace', values: byHand.peer } },
    { what, unit: 's', ours: bySee.ours, peer: { name: 'python-see 1.3.7', values: bySee.peer } },
  ];
}

/** Deploys of many containers in one stack, beside that of one. */
export async function manyContainers(host: BenchHost): Promise<Measurement[]> {
  await makeRoot(host);
  const found: Measurement[] = [];
  for (const [count, rounds] of COUNTS) {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push(await seconds(() => host.deploy(`bench-lxc-${count}`)));
      await host.destroy(`bench-lxc-${count}`);
    }
    found.push({ what: `deploy of ${count} containers`, unit: 's', ours: taken, peer: { name: 'deploy of one', values: found[0]?.ours ?? taken } });
  }
  return found;
}

async function makeRoot(host: BenchHost): Promise<void> {
  await host.run(resolve(__dirname, '../examples/container/make-rootfs'), ['rootfs.tar.gz']);
}

async function firstCommand(host: BenchHost): Promise<number> {
  await using sandbox = await connect('bench-lxc-off/guest', { uri: host.instance.uri });
  const taken = await seconds(async () => {
    await sandbox.power.poweron();
    const { stdout } = await sandbox.commands.run(['/bin/echo', 'ready'], { timeout: '30s' });
    if (stdout !== 'ready\n') throw new Error(`the first command gave ${JSON.stringify(stdout)}`);
  });
  await sandbox.power.poweroff();
  return taken;
}

/** A container as somebody would write it: the same root filesystem in a folder, with the same users. */
function handMade(host: BenchHost): string {
  const root = join(host.instance.poolPath, '..', NAME);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { mode: 0o755 });
  execFileSync('tar', ['-xzf', join(host.folder, 'rootfs.tar.gz'), '-C', root]);
  execFileSync('chown', ['-hR', '2000000000:2000000000', root]);
  const map = "start='0' target='2000000000' count='65536'";
  const file = join(host.folder, `${NAME}.xml`);
  writeFileSync(
    file,
    `<domain type='lxc'><name>${NAME}</name><memory unit='MiB'>64</memory><os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os><idmap><uid ${map}/><gid ${map}/></idmap>
     <features><privnet/></features><devices><filesystem type='mount'><source dir='${root}'/><target dir='/'/></filesystem><console type='pty'/></devices></domain>`,
  );
  return file;
}

/** Runs a program where the instance's daemon sees it: virsh looks for containers by process ids and control groups of the daemon's. */
function inInstance(host: BenchHost, program: string, words: readonly string[]): Promise<string> {
  return host.run('nsenter', [`--cgroup=/proc/${host.instance.pid}/ns/cgroup`, '--', ...host.instance.inside([program, ...words], { mounts: true })]);
}

async function firstByHand(host: BenchHost, file: string): Promise<number> {
  const virsh = (...words: string[]) => inInstance(host, 'virsh', ['-q', '-c', 'lxc:///system', ...words]);
  for (;;) {
    const start = performance.now();
    try {
      await virsh('create', file);
      await virsh('lxc-enter-namespace', '--noseclabel', NAME, '/bin/echo', 'ready');
      return (performance.now() - start) / 1000;
    } catch (error) {
      // Now and then libvirt misses the id of the first process; such a round says nothing.
      if (!String(error).includes('Init pid is not yet available')) throw error;
    } finally {
      await virsh('destroy', NAME).catch(() => undefined);
    }
  }
}

async function firstBySee(host: BenchHost, see: SeePeer, file: string): Promise<number> {
  return Number((await inInstance(host, see.python, [see.script('container.py'), file, '1'])).trim());
}
