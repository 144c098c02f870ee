import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';

/**
 * Lets the process end although a thread is in a native call. Node joins all threads when it ends, and a call to a daemon
 * that hangs may never return: then the process leaves through the C library instead, with the exit code it was to have.
 */
export class ExitGuard {
  readonly #busy = new Set<object>();
  #listening = false;

  /** The thread enters a native call. */
  enter(thread: object): void {
    this.#busy.add(thread);
    if (this.#listening || !isMainThread) return;
    this.#listening = true;
    process.on('exit', (code) => {
      if (this.#busy.size > 0) koffi.load(null).func('_exit', 'void', ['int'])(code);
    });
  }

  /** The thread is back. */
  leave(thread: object): void {
    this.#busy.delete(thread);
  }
}
