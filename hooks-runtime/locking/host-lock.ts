import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import type { LibvirtConnection } from '../libvirt';
import { defineLock, findLock, listLocks, type LockDefinition, undefineLock } from './lock-definition';
import { hasEnded, isThisProcess } from './lock-holder';

/** How to wait for a lock. Times in milliseconds. */
export interface LockOptions {
  /** What it is needed for, for the error. */
  readonly doing: string;
  /** @default 60 s */
  readonly deadline?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once when somebody else holds it. */
  readonly onWait?: () => void;
}

const BEAT_MS = 5_000;
/** A holder whose beat stands still for so long is taken for dead. */
const STALE_MS = 25_000;
const POLL_MS = 100;
const DEADLINE_MS = 60_000;

/** Locks of this process that somebody holds or is about to: all others that name it as their holder are dead. */
const live = new Set<string>();

/**
 * A lock that holds among all who use the same libvirt, whatever machine they are on.
 *
 * It is the definition of a storage pool that is never started: of all that libvirt keeps, pools are there under every
 * driver, have names that are unique and are deleted by UUID. So making one is an atomic test-and-set, and a lock whose
 * holder died is broken without ever hitting its successor. The holder tells in the pool's path who it is and that it
 * lives: a dead one is known at once on its own machine, and by its beat standing still anywhere else.
 */
export class HostLock implements AsyncDisposable {
  #beat = 1;
  #pulse: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #lost: unknown;

  private constructor(
    private readonly connection: LibvirtConnection,
    readonly key: string,
    readonly uuid: string,
  ) {
    this.#pulse = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#tell()).catch((error: unknown) => void (this.#lost ??= error));
    }, BEAT_MS);
    this.#pulse.unref();
  }

  /**
   * Waits until nobody else holds the lock of this key.
   * @throws SandformError `HOST_BUSY` after the deadline, `INTERRUPTED` when the signal aborts
   */
  static async take(connection: LibvirtConnection, key: string, options: LockOptions): Promise<HostLock> {
    const uuid = randomUUID();
    live.add(uuid);
    try {
      return await HostLock.#takeAs(uuid, connection, key, options);
    } catch (error) {
      live.delete(uuid);
      throw error;
    }
  }

  static async #takeAs(uuid: string, connection: LibvirtConnection, key: string, { doing, deadline = DEADLINE_MS, signal, onWait }: LockOptions): Promise<HostLock> {
    const watch = new Watch(connection, key);
    const end = performance.now() + deadline;
    for (let attempt = 0; ; attempt++) {
      if (await defineLock(connection, { key, uuid, beat: 0 })) return new HostLock(connection, key, uuid);
      if (attempt === 0) onWait?.();
      const broken = await watch.breakIfDead();
      if (performance.now() >= end) {
        throw new SandformError('HOST_BUSY', { doing, given: `lock '${key}' of ${connection.uri} is held by ${watch.holder}`, expected: `the lock within ${deadline / 1000} s` });
      }
      if (!broken) await delay(POLL_MS * (0.5 + Math.random()));
      if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
    }
  }

  /** Whether nobody else has it now. */
  async isHeld(): Promise<boolean> {
    return this.#lost === undefined && (await findLock(this.connection, this.key))?.uuid === this.uuid;
  }

  /**
   * To be asked before what must not be done without the lock: a holder that stood still for long may have been taken for dead.
   * @throws SandformError `HOST_BUSY`
   */
  async assertHeld(doing: string): Promise<void> {
    await this.#beating;
    if (await this.isHeld()) return;
    throw new SandformError('HOST_BUSY', { doing, given: `lock '${this.key}' was lost: this process stood still for too long`, fix: 'run it again', cause: this.#lost });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pulse);
    await this.#beating;
    try {
      await undefineLock(this.connection, this);
    } catch (error) {
      // A lock that cannot be given back, say because libvirt is gone, is broken by whoever wants it next. What the holder
      // was about is worth more than this failure.
      if (!SandformError.is(error)) throw error;
    } finally {
      live.delete(this.uuid);
    }
  }

  async #tell(): Promise<void> {
    // Defining anew what was broken meanwhile would take the lock a second time.
    const told = (await this.isHeld()) && (await defineLock(this.connection, { key: this.key, uuid: this.uuid, beat: this.#beat++ }));
    if (!told) throw new SandformError('HOST_BUSY', { doing: `holding lock '${this.key}'`, given: 'somebody else took it' });
  }
}

/** Locks whose holders are known to have ended. Those of other machines are left to whoever wants them next. */
export async function deadLocks(connection: LibvirtConnection): Promise<{ readonly key: string; readonly remove: () => Promise<void> }[]> {
  const locks = await listLocks(connection);
  return locks.filter(({ holder }) => holder === undefined || hasEnded(holder)).map(({ key, uuid }) => ({ key, remove: () => undefineLock(connection, { key, uuid }) }));
}

/** Looks at whoever holds a lock again and again, and breaks it once its holder is dead. */
class Watch {
  #seen: (LockDefinition & { readonly since: number }) | undefined;

  constructor(
    private readonly connection: LibvirtConnection,
    private readonly key: string,
  ) {}

  /** Whether the lock may be free now. */
  async breakIfDead(): Promise<boolean> {
    const lock = await findLock(this.connection, this.key);
    if (lock === undefined) return true;
    const now = performance.now();
    const same = this.#seen?.uuid === lock.uuid && this.#seen.holder?.beat === lock.holder?.beat;
    const since = same && this.#seen !== undefined ? this.#seen.since : now;
    this.#seen = { ...lock, since };
    const dead = (lock.holder !== undefined && (hasEnded(lock.holder) || (isThisProcess(lock.holder) && !live.has(lock.uuid)))) || now - since >= STALE_MS;
    if (dead) await undefineLock(this.connection, lock);
    return dead;
  }

  /** Who was seen last. */
  get holder(): string {
    const holder = this.#seen?.holder;
    return holder === undefined ? 'somebody unknown' : `process ${holder.process.pid} of machine ${holder.process.bootId}`;
  }
}
