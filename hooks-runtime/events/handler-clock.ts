import { SandformError, messageOf } from '../../lib/errors';

/** What `setTimeout` can wait for at most, milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** What a handler gets that begins just before the end, milliseconds. */
const SHORTEST = 1000;

interface UnderWay {
  due: number;
  timer: NodeJS.Timeout;
  readonly expire: () => void;
}

/** Ends the waiting for handlers at their deadlines. */
export class HandlerClock {
  private readonly underWay = new Set<UnderWay>();
  private end = Infinity;
  private grace = Infinity;

  /** @param deadline milliseconds for those that have none of their own */
  constructor(private readonly deadline: number) {}

  /**
   * Resolves when the handler has ended or its time is over, and never rejects: `fail` gets the error. What the handler does
   * after its time is nobody's business any more.
   */
  limit(handler: PromiseLike<unknown>, deadline: number | undefined, doing: string, fail: (error: SandformError) => void): Promise<void> {
    const now = Date.now();
    const latest = now < this.end ? Math.max(this.end, now + Math.min(this.grace, SHORTEST)) : now + this.grace;
    const due = Math.min(now + (deadline ?? this.deadline), latest);
    return new Promise((resolve) => {
      const finish = (error?: SandformError): void => {
        if (!this.underWay.delete(entry)) return;
        clearTimeout(entry.timer);
        if (error !== undefined) fail(error);
        resolve();
      };
      const expire = (): void => finish(new SandformError('HOOK_DEADLINE', { doing, given: `no end after ${Date.now() - now} ms` }));
      const entry: UnderWay = { due, expire, timer: setTimeout(expire, clamped(due - now)) };
      this.underWay.add(entry);
      handler.then(
        () => finish(),
        (error: unknown) => finish(failureOf(error, doing)),
      );
    });
  }

  /** Ends all that run at this time; those that begin later get `grace`. */
  endBy(time: number, grace: number): void {
    this.end = time;
    this.grace = grace;
    for (const entry of this.underWay) {
      if (entry.due <= time) continue;
      clearTimeout(entry.timer);
      entry.due = time;
      entry.timer = setTimeout(entry.expire, clamped(time - Date.now()));
    }
  }
}

/** A coded error as it is, else `HOOK_FAILED` around what was thrown. */
export function failureOf(error: unknown, doing: string): SandformError {
  return SandformError.is(error) ? error : new SandformError('HOOK_FAILED', { doing, given: messageOf(error), cause: error });
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function clamped(milliseconds: number): number {
  return Math.max(0, Math.min(LONGEST, milliseconds));
}
