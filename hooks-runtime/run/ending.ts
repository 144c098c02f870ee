import { SandformError } from '../../lib/errors';
import type { SandboxEvent } from '../../lib/events';
import type { Duration } from '../../lib/units';
import type { Sandbox } from '../sandbox';

/**
 * What ends a run before its work is done: its deadline, a signal, the end of its sandbox or of the connection to libvirt, or
 * a record that can't be written. The first counts.
 */
export class Ending implements Disposable {
  /** Why the run ended early; undefined while it goes on, and where its deadline ended it, as planned. */
  reason: SandformError | undefined;
  private readonly controller = new AbortController();
  private readonly disposers: (() => void)[] = [];

  constructor(private readonly sandbox: Sandbox) {
    this.disposers.push(sandbox.events.onAny((event) => this.watch(event)));
  }

  /** Aborted when the run is to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether the run is to end. */
  isOver(): boolean {
    return this.signal.aborted;
  }

  /** Ends the run when its time is over. */
  after({ timerMilliseconds }: Duration): void {
    const timer = setTimeout(() => this.end(undefined), timerMilliseconds);
    this.disposers.push(() => clearTimeout(timer));
  }

  onAbort(signal: AbortSignal): void {
    const abort = (): void => {
      const reason: unknown = signal.reason;
      this.end(SandformError.is(reason) && reason.code === 'INTERRUPTED' ? reason : new SandformError('INTERRUPTED', { doing: `${this.sandbox.address}: running`, cause: reason }));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    this.disposers.push(() => signal.removeEventListener('abort', abort));
  }

  end(reason: SandformError | undefined): void {
    if (this.isOver()) return;
    this.reason = reason;
    this.controller.abort(reason ?? new SandformError('INTERRUPTED', { doing: `${this.sandbox.address}: running`, given: "the run's deadline" }));
  }

  /** Resolves with the work, or undefined when the run is to end before. The work goes on by itself then. */
  async unlessOver<Result>(work: Promise<Result>): Promise<Result | undefined> {
    let stop = (): void => undefined;
    const over = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
      if (this.isOver()) stop();
      else this.signal.addEventListener('abort', stop, { once: true });
    });
    // What fails after the end of the run has no one left to tell, and is a consequence of that end.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, over]);
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }

  [Symbol.dispose](): void {
    for (const dispose of this.disposers.splice(0)) dispose();
  }

  private watch({ name, source, data }: SandboxEvent): void {
    // Hooks may fire events of any name; only libvirt knows how the domain is.
    if (source !== 'libvirt') return;
    if (name === 'host_lost') this.end(lost(this.sandbox.address, data['error']));
    else if (name === 'domain_crashed') this.end(gone(this.sandbox.address, `crashed (${String(data['reason'])})`));
    else if (name === 'domain_stopped' && data['expected'] !== true) this.end(gone(this.sandbox.address, `stopped (${String(data['reason'])})`));
  }
}

function gone(address: string, given: string): SandformError {
  return new SandformError('SANDBOX_GONE', { doing: `${address}: running`, given });
}

function lost(address: string, error: unknown): SandformError {
  const given = typeof error === 'object' && error !== null && 'given' in error ? error.given : undefined;
  return new SandformError('LIBVIRT_LOST', { doing: `${address}: running`, ...(given === undefined ? {} : { given }) });
}
