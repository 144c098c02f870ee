import { SandformError } from '../../lib/errors';
import type { CallThreads } from './threads/call-threads';
import type { EventLoop } from './threads/event-loop';

/** What the objects of one connection share. */
export class Session {
  readonly #ended = new AbortController();
  readonly #cleanups = new Set<Promise<void>>();
  #lost = false;

  constructor(
    readonly uri: string,
    readonly threads: CallThreads,
    readonly loop: EventLoop,
  ) {}

  /** Aborts when the connection is lost or closed, with the SandformError as its reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Whether it ended without being closed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Ends it: whoever waits for an answer, or asks later, gets `LIBVIRT_LOST`. Only the first time counts. */
  end(how: 'lost' | 'closed', given: string): void {
    if (this.ended.aborted) return;
    this.#lost = how === 'lost';
    const error = new SandformError('LIBVIRT_LOST', { doing: `using ${this.uri}`, given, ...(how === 'closed' && { fix: 'open a new connection' }) });
    this.threads.end(error);
    this.#ended.abort(error);
  }

  /** Does something that closing waits for a while, e.g. freeing what is native. Its failure concerns nobody. */
  cleanUp(work: () => Promise<void>): void {
    const cleanup = work()
      .catch(() => undefined)
      .finally(() => this.#cleanups.delete(cleanup));
    this.#cleanups.add(cleanup);
  }

  /** Resolves when everything is cleaned up, at the latest after that many milliseconds. */
  async cleanedUp(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([Promise.allSettled(this.#cleanups), patience]);
    clearTimeout(timer);
  }
}

/** Undefined instead of `LIBVIRT_NOT_FOUND`. */
export async function unlessMissing<Result>(found: Promise<Result>): Promise<Result | undefined> {
  try {
    return await found;
  } catch (error) {
    if (SandformError.is(error) && error.code === 'LIBVIRT_NOT_FOUND') return undefined;
    throw error;
  }
}
