import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SandformError, messageOf } from '../../lib/errors';
import { libvirtUri } from '../../lib/naming';
import { programOf, runningProcesses } from '../processes';

/** The programs that drive containers: the one daemon, or the one of them that has this driver. */
const DAEMONS: readonly string[] = ['libvirtd', 'virtlxcd'];
/** Where they listen. Source: libvirt's daemons page. */
const SOCKETS = ['/run/libvirt/virtlxcd-sock', '/run/libvirt/libvirt-sock'];
const PATIENCE_MS = 30_000;

/**
 * The libvirt daemon behind a URI, where it runs on this machine. Root filesystems are mounted among its mounts, which may be its own: what is
 * mounted elsewhere is never seen there.
 */
export class LocalDaemon {
  private constructor(readonly pid: number) {}

  /** @throws SandformError `CONTAINER_HOST` */
  static find(uri: string, doing: string): LocalDaemon {
    const refuse = (given: string, fix?: string) => new SandformError('CONTAINER_HOST', { doing, given, ...(fix === undefined ? {} : { fix }) });
    if (libvirtUri(uri).isRemote) throw refuse(`libvirt on another machine: ${uri}`);
    if (process.getuid?.() !== 0) throw refuse('a user other than root', 'run as root: filesystems are mounted, and namespaces entered');
    const given = new URLSearchParams(/\?(.*)$/.exec(uri)?.[1]).get('socket');
    const sockets = (given === null ? SOCKETS : [given]).flatMap((path) => identity(path) ?? []);
    const pid = runningProcesses().find((candidate) => DAEMONS.includes(programOf(candidate) ?? '') && listensOn(candidate, sockets));
    if (pid === undefined) throw refuse(`no daemon of this machine that listens for ${uri}`, 'start libvirtd, or `npx sandform host up`');
    return new LocalDaemon(pid);
  }

  /** Where something is mounted among its mounts. */
  mountPoints(): string[] {
    const lines = readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8').split('\n');
    return lines.flatMap((line) => line.split(' ')[4]?.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))) ?? []);
  }

  /** Runs a program of the host among its mounts. Its pid namespace goes along: mount and umount look into /proc. */
  async run(...command: readonly [string, ...string[]]): Promise<void> {
    const own = `/proc/${this.pid}`;
    // The root is named because entering a mount namespace leaves a changed root behind.
    const where = [`--mount=${own}/ns/mnt`, `--pid=${own}/ns/pid`, `--root=${own}/root`, `--wd=${own}/root`];
    try {
      await promisify(execFile)('nsenter', [...where, '--', ...command], { timeout: PATIENCE_MS, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } });
    } catch (cause) {
      throw new SandformError('PROCESS_FAILED', { doing: `running ${command[0]} among the mounts of libvirt`, given: messageOf(cause), cause });
    }
  }
}

/** Whether one of its listening sockets is one of these files, by whatever path it knows it. Source: proc(5), net/unix. */
function listensOn(pid: number, sockets: readonly string[]): boolean {
  try {
    const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]));
    const paths = readFileSync(`/proc/${pid}/net/unix`, 'utf8').split('\n').flatMap((line) => {
      const [, , , , , , inode, path] = line.trim().split(/\s+/);
      return path?.startsWith('/') && own.has(inode) ? [path] : [];
    });
    return paths.some((path) => sockets.includes(identity(`/proc/${pid}/root${path}`) ?? ''));
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
