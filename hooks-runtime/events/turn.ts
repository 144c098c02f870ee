/**
 * Lets works go one after the other. The bus has one, and so has every call of a synchronous handler: what the handler fires
 * takes turns there, and the handler counts as ended only when all of it has been handled.
 */
export class Turn {
  /** Whether its handler still runs; what is fired later, by code that it left behind, belongs to the bus. */
  open = true;
  busy = false;
  private readonly waiting: (() => void)[] = [];
  private readonly idleWaiters: (() => void)[] = [];

  constructor(readonly depth: number) {}

  /** Does the work as soon as those before it have ended; undefined if it was done at once. The work must not reject. */
  take(work: () => Promise<void> | undefined): Promise<void> | undefined {
    if (!this.busy) return this.perform(work);
    return new Promise((resolve) => {
      this.waiting.push(() => resolve(this.perform(work)));
    });
  }

  /** Closes the turn after its handler, and resolves when nothing of it is under way; undefined if that is so already. */
  end(handler: Promise<void> | undefined): Promise<void> | undefined {
    if (handler !== undefined) return handler.then(() => this.end(undefined));
    this.open = false;
    return this.busy ? this.idle() : undefined;
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => void this.idleWaiters.push(resolve));
  }

  private perform(work: () => Promise<void> | undefined): Promise<void> | undefined {
    this.busy = true;
    const under = work();
    if (under !== undefined) return under.then(() => this.next());
    this.next();
    return undefined;
  }

  private next(): void {
    const next = this.waiting.shift();
    // Not called directly: a thousand waiting works that end at once would be a thousand calls deep.
    if (next !== undefined) {
      queueMicrotask(next);
      return;
    }
    this.busy = false;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }
}
