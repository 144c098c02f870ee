import { SandformError } from '../../lib/errors';
import type { CallThreads } from './threads/call-threads';
import type { EventLoop } from './threads/event-loop';

/** What the objects of one connection share. */
export interface Session {
  readonly uri: string;
  readonly threads: CallThreads;
  readonly loop: EventLoop;
  /** Aborts when the connection is lost or closed, with the SandformError as its reason. */
  readonly ended: AbortSignal;
  /** Does something that closing waits for a while, e.g. freeing what is native. Its failure concerns nobody. */
  cleanUp(work: () => Promise<void>): void;
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
