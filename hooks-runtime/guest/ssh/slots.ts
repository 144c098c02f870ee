import { SandformError } from '../../../lib/errors';

/** A fixed number of numbered places; who finds none free waits in line. */
export class Slots {
  private readonly free: number[];
  private readonly waiting: ((slot: number) => void)[] = [];

  constructor(count: number) {
    this.free = Array.from({ length: count }, (_, index) => count - 1 - index);
  }

  /** @throws SandformError `INTERRUPTED` when aborted while waiting */
  async take(signal: AbortSignal, doing: string): Promise<number> {
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    return new Promise((resolve, reject) => {
      const taker = (given: number) => {
        signal.removeEventListener('abort', onAbort);
        resolve(given);
      };
      const onAbort = () => {
        this.waiting.splice(this.waiting.indexOf(taker), 1);
        reject(new SandformError('INTERRUPTED', { doing }));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(taker);
    });
  }

  give(slot: number): void {
    const next = this.waiting.shift();
    if (next) next(slot);
    else this.free.push(slot);
  }
}
