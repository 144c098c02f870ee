import { readlinkSync } from 'node:fs';
import { isAlive, type ProcessIdentity, processIdentity } from '../processes';

/** Who holds a lock, as its definition tells. `beat` changes as long as the holder lives. */
export interface LockHolder {
  readonly process: ProcessIdentity;
  /** Process ids mean nothing in another PID namespace. */
  readonly pidNamespace: string;
  readonly beat: number;
}

/** This process as a holder; zeros where there is no /proc, so that nobody else can judge it but by its beat. */
export function ownHolder(): Omit<LockHolder, 'beat'> {
  const process_ = processIdentity(process.pid) ?? { pid: process.pid, startTime: '0', bootId: 'none' };
  return { process: process_, pidNamespace: pidNamespace() };
}

/** A holder as the path of a pool, the one free text that a pool has. */
export function pathOfHolder({ process: { pid, startTime, bootId }, pidNamespace: namespace, beat }: LockHolder): string {
  return `/sandform-lock/${bootId}/${namespace}/${pid}/${startTime}/${beat}`;
}

/** Undefined for a path that says no holder. */
export function holderOfPath(path: string): LockHolder | undefined {
  const match = /^\/sandform-lock\/([0-9a-z-]+)\/(\d+)\/(\d+)\/(\d+)\/(\d+)(?:\/[0-9a-f-]+)?$/.exec(path);
  if (match === null) return undefined;
  const [, bootId = '', namespace = '', pid = '', startTime = '', beat = ''] = match;
  return { process: { pid: Number(pid), startTime, bootId }, pidNamespace: namespace, beat: Number(beat) };
}

/** Whether the holder is known to have ended: only a process of this machine and PID namespace can be. */
export function hasEnded({ process: holder, pidNamespace: namespace }: LockHolder): boolean {
  const own = ownHolder();
  return holder.bootId === own.process.bootId && namespace === own.pidNamespace && namespace !== '0' && !isAlive(holder);
}

/** Whether this process is the holder. */
export function isThisProcess(holder: LockHolder): boolean {
  const own = ownHolder();
  return holder.pidNamespace === own.pidNamespace && holder.process.pid === own.process.pid && holder.process.startTime === own.process.startTime && holder.process.bootId === own.process.bootId;
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
