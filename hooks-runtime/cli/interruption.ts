import { SandformError } from '../../lib/errors';

/**
 * Turns Ctrl-C and SIGTERM into an abort, so that owners can end what they hold. A second signal ends the process at once.
 * Aborts with a SandformError `INTERRUPTED`.
 */
export class Interruption implements Disposable {
  private readonly controller = new AbortController();
  private readonly handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
    const handler = (): void => this.interrupt(name);
    process.on(name, handler);
    return { name, handler };
  });

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    for (const { name, handler } of this.handlers) process.off(name, handler);
  }

  private interrupt(name: NodeJS.Signals): void {
    if (this.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    this.controller.abort(new SandformError('INTERRUPTED', { doing: 'waiting for the end', given: name, details: { signal: name } }));
  }
}
