/** How much one hook may fire before its further events are dropped. */
export interface EventLimits {
  /** Events of one hook during the life of the bus. */
  readonly total: number;
  /** Events of one hook that may come at once. */
  readonly burst: number;
  /** Events a second of one hook in the long run. */
  readonly perSecond: number;
  /** How deep handlers may fire events from within handlers, whoever fires. */
  readonly depth: number;
}

/** What a bus allows unless told otherwise: far more than people make, far less than fills a disk. */
export const DEFAULT_LIMITS: EventLimits = { total: 100_000, burst: 5_000, perSecond: 1_000, depth: 50 };

/** Counts the events of one source against its limits: a token bucket and a total. */
export class EventBudget {
  dropped = 0;
  private spent = 0;
  private tokens: number;
  private refilled: number;

  constructor(
    private readonly limits: EventLimits,
    now: number,
    /** Only the depth counts. */
    private readonly unlimited: boolean,
  ) {
    this.tokens = limits.burst;
    this.refilled = now;
  }

  /** Whether one more event fits; counts it either way. `now` in milliseconds. */
  take(now: number, depth: number): boolean {
    if (depth <= this.limits.depth && (this.unlimited || (this.spent < this.limits.total && this.takeToken(now)))) {
      this.spent += 1;
      return true;
    }
    this.dropped += 1;
    return false;
  }

  private takeToken(now: number): boolean {
    if (this.tokens < 1) {
      this.tokens = Math.min(this.limits.burst, this.tokens + ((now - this.refilled) * this.limits.perSecond) / 1000);
      this.refilled = now;
    }
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
