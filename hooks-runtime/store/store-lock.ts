import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, processIdentity } from '../processes';

const POLL_MS = 100;
const BEAT_MS = 5_000;
/** A holder on another machine or in another container, which can't be looked for, is taken for dead when its file stood still for so long. */
const STALE_MS = 60_000;

let taken = 0;

/**
 * A lock among all processes that use one folder. Each contender makes a file of its own, whose name tells who it is, and holds the lock
 * if there is no file of anybody else who lives; else it takes its file away and waits. Of two contenders the later one always sees the earlier
 * one's file, so two never hold it; and since no name is ever used again, removing the file of a dead holder hits nobody else.
 */
export class StoreLock implements Disposable {
  readonly #pulse: NodeJS.Timeout;

  private constructor(private readonly file: string) {
    this.#pulse = setInterval(() => touch(file), BEAT_MS).unref();
  }

  /** Waits until nobody else holds it. @param onWait called once where somebody else does @throws the signal's reason */
  static async take(folder: string, key: string, { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: () => void }): Promise<StoreLock> {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${key}.${ownName()}`);
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      if (!isHeldByAnother(folder, key, file)) {
        writeFileSync(file, '', { flag: 'wx' });
        if (!isHeldByAnother(folder, key, file)) return new StoreLock(file);
        rmSync(file, { force: true });
      }
      if (attempt === 0) onWait();
      await delay(POLL_MS * (0.5 + Math.random()), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pulse);
    rmSync(this.file, { force: true });
  }
}

/** `PID.START.BOOT.NAMESPACE.N`: who the holder is, so that a dead one is known. */
function ownName(): string {
  const { pid, startTime, bootId } = processIdentity(process.pid) ?? { pid: process.pid, startTime: '0', bootId: 'none' };
  return `${pid}.${startTime}.${bootId}.${pidNamespace()}.${++taken}`;
}

function isHeldByAnother(folder: string, key: string, own: string): boolean {
  const others = readdirSync(folder).filter((name) => name.startsWith(`${key}.`)).map((name) => join(folder, name));
  return others.filter((file) => file !== own && !removedIfDead(file, key)).length > 0;
}

function removedIfDead(file: string, key: string): boolean {
  const [pid = '', startTime = '', bootId = '', namespace = ''] = file.slice(file.lastIndexOf('/') + key.length + 2).split('.');
  const isOurKind = bootId === (processIdentity(process.pid)?.bootId ?? 'none') && namespace === pidNamespace() && namespace !== '0';
  const isDead = isOurKind ? !isAlive({ pid: Number(pid), startTime, bootId }) : age(file) > STALE_MS;
  if (isDead) rmSync(file, { force: true });
  return isDead || !existsSync(file);
}

function age(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    // Gone meanwhile.
    return Infinity;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Its folder was removed; nothing is left to hold.
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
