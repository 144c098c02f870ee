import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Names one process for good. A process id alone is used again by the kernel; together with the start time, and the boot
 * that both belong to, it is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process, field 22 of /proc/PID/stat (see proc(5)). */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id */
  readonly bootId: string;
}

/** The identity of a process that runs now, or undefined when there is none or it is only waiting to be reaped. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const { state, startTime } = statusOf(pid) ?? {};
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, bootId: bootId() };
}

/** Its parent's process id; undefined when it has ended. */
export function parentOf(pid: number): number | undefined {
  return statusOf(pid)?.parent;
}

/** Id of its session's leader, as this process sees it; undefined when it has ended. */
export function sessionOf(pid: number): number | undefined {
  return statusOf(pid)?.session;
}

/** The nearest process above that runs one of these programs. */
export function nearestAncestor(pid: number, programs: readonly string[]): ProcessIdentity | undefined {
  for (let ancestor = parentOf(pid); ancestor !== undefined && ancestor > 1; ancestor = parentOf(ancestor)) {
    if (programs.includes(programOf(ancestor) ?? '')) return processIdentity(ancestor);
  }
  return undefined;
}

/** Ids of all processes that run now. */
export function runningProcesses(): number[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = processIdentity(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

/** Direct children, by process id. */
export function childrenOf(pid: number): number[] {
  // The kernel lists them by the thread that started them.
  const threads = ifThere(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return threads.flatMap((thread) => (readIfThere(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number));
}

/** All processes of the PID namespace that this process is in. Ones that end meanwhile are left out. */
export function processesInside(pid: number): number[] {
  const namespace = linkIfThere(`/proc/${pid}/ns/pid`);
  if (namespace === undefined) return [];
  return runningProcesses().filter((candidate) => linkIfThere(`/proc/${candidate}/ns/pid`) === namespace);
}

/** Name of the program file that a process runs, without its folder. */
export function programOf(pid: number): string | undefined {
  const program = linkIfThere(`/proc/${pid}/exe`);
  return program === undefined ? undefined : basename(program);
}

/** Changes at every boot of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function statusOf(pid: number): { state: string; parent: number; session: number; startTime: string | undefined } | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field, the program's name, may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', parent: Number(fields[1]), session: Number(fields[3]), startTime: fields[19] };
}

function readIfThere(path: string): string | undefined {
  return ifThere(() => readFileSync(path, 'utf8'));
}

function linkIfThere(path: string): string | undefined {
  return ifThere(() => readlinkSync(path));
}

function ifThere<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // EACCES: a process that even root may not look into, so none of ours.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
