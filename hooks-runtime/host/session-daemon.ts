import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SandformError } from '../../lib';
import { endProcess, processIdentity, programOf } from '../processes';
import { reapsOrphans } from './orphan-reaper';
import { findProgram, runProgram } from './program';
import { until } from './until';

/** libvirt's daemon of this user, without root. It outlives this process; its guests outlive even itself. */
export interface SessionDaemon {
  /** `qemu:///session?socket=...`: named by its socket, because Terraform's provider finds it by no other way. */
  readonly uri: string;
  readonly isUp: boolean;
}

const STARTS_WITHIN_MS = 30_000;
const ANSWERS_WITHIN_MS = 5_000;
/** Where the system's daemons listen; whoever may write to one of these need not do with a libvirt of their own. */
const SYSTEM_SOCKETS = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'];

/** This user's daemon, as it is. */
export async function sessionDaemon(environment: NodeJS.ProcessEnv = process.env): Promise<SessionDaemon> {
  const uri = sessionUri(environment);
  return { uri, isUp: existsSync(socketOf(environment)) && (await answers(uri)) };
}

/**
 * Starts this user's daemon, unless it runs, for as long as the machine does: one that libvirt's own library starts ends two minutes after it was
 * last asked, and Terraform's provider does not start it again.
 * @throws SandformError `HOST_UNSUPPORTED`, `HOST_START_FAILED`
 */
export async function startSession(environment: NodeJS.ProcessEnv = process.env): Promise<SessionDaemon> {
  const doing = 'starting your own libvirt';
  const before = await sessionDaemon(environment);
  if (before.isUp) return before;
  const program = findProgram('libvirtd');
  if (program === undefined || findProgram('virsh') === undefined) {
    throw new SandformError('HOST_UNSUPPORTED', { doing, given: 'not installed: libvirtd or virsh', expected: 'libvirt as one daemon', fix: 'apt-get install libvirt-daemon libvirt-clients qemu-system-x86' });
  }
  if (!(await reapsOrphans())) {
    throw new SandformError('HOST_UNSUPPORTED', { doing, given: 'process 1 reaps no orphans, so libvirt would wait in vain for guests that have ended', expected: 'an init as process 1', fix: 'start the container with one, e.g. `docker run --init`' });
  }
  const { code, stderr } = await runProgram(program, ['--daemon'], { timeoutMs: STARTS_WITHIN_MS });
  if (code === 0 && (await until(() => answers(before.uri), { milliseconds: STARTS_WITHIN_MS, every: 100 }))) return { ...before, isUp: true };
  throw new SandformError('HOST_START_FAILED', { doing, given: stderr.trim() || `exit code ${code}, and no answer at ${before.uri}`, expected: 'libvirtd to start and answer', fix: 'run `libvirtd` in a terminal of its own: it says what it misses' });
}

/**
 * Ends this user's daemon and its log daemon; whether one ran. The user's definitions and images stay.
 * @throws SandformError `HOST_IN_USE` where guests run: they would live on with nobody who looks after them
 */
export async function stopSession(environment: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const { uri, isUp } = await sessionDaemon(environment);
  if (!isUp) return false;
  const { stdout } = await runProgram('virsh', ['-q', '-c', uri, 'list', '--name'], { timeoutMs: ANSWERS_WITHIN_MS });
  const guests = stdout.split('\n').filter(Boolean);
  if (guests.length > 0) throw new SandformError('HOST_IN_USE', { doing: 'stopping your own libvirt', given: `running guests: ${guests.join(', ')}` });
  for (const daemon of ['libvirtd', 'virtlogd']) {
    const identity = processIdentity(pidIn(join(runtimeFolder(environment), `${daemon}.pid`)));
    if (identity !== undefined && programOf(identity.pid) === daemon) await endProcess(identity);
  }
  return true;
}

/** The URI of this user's own libvirt. */
export function sessionUri(environment: NodeJS.ProcessEnv = process.env): string {
  return `qemu:///session?socket=${socketOf(environment)}`;
}

/** Whether this user may change things on the system's libvirt; root always may. */
export function mayUseSystem(): boolean {
  return process.geteuid?.() === 0 || SYSTEM_SOCKETS.some(mayWrite);
}

/** Whether this user may connect to a socket. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function socketOf(environment: NodeJS.ProcessEnv): string {
  return join(runtimeFolder(environment), 'libvirt-sock');
}

/** As libvirt chooses it, by GLib. */
function runtimeFolder({ XDG_RUNTIME_DIR: runtime, XDG_CACHE_HOME: cache }: NodeJS.ProcessEnv): string {
  return join(runtime || cache || join(homedir(), '.cache'), 'libvirt');
}

async function answers(uri: string): Promise<boolean> {
  return (await runProgram('virsh', ['-c', uri, 'version'], { timeoutMs: ANSWERS_WITHIN_MS })).code === 0;
}

function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}
