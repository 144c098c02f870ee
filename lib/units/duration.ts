import { SandformError } from '../errors';

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type DurationUnit = keyof typeof MILLISECONDS;
/** What a timer of the platform can wait for at most: about 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A duration as people write it, e.g. `'500ms'`, `'30m'` or `'1.5h'`. */
export type DurationText = `${number}${DurationUnit}`;

/** A span of time, whole milliseconds, zero or more. */
export class Duration {
  private constructor(readonly milliseconds: number) {}

  /** @throws SandformError `DURATION_INVALID` */
  static parse(text: string, doing = 'reading a duration'): Duration {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(text) ?? [];
    const milliseconds = Math.round(Number(amount) * MILLISECONDS[unit as DurationUnit]);
    if (!Number.isSafeInteger(milliseconds)) throw new SandformError('DURATION_INVALID', { doing, given: text });
    return new Duration(milliseconds);
  }

  static milliseconds(milliseconds: number): Duration {
    if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) {
      throw new SandformError('DURATION_INVALID', { doing: 'reading a duration in milliseconds', given: milliseconds });
    }
    return new Duration(milliseconds);
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  /** Milliseconds that setTimeout can take: longer ones are cut to about 24 days. */
  get timerMilliseconds(): number {
    return Math.min(this.milliseconds, LONGEST_TIMER);
  }

  /** The largest unit that gives a whole number, e.g. `90s`. */
  toString(): DurationText {
    const unit = (Object.keys(MILLISECONDS) as DurationUnit[]).reverse().find((candidate) => this.milliseconds > 0 && this.milliseconds % MILLISECONDS[candidate] === 0) ?? 'ms';
    return `${this.milliseconds / MILLISECONDS[unit]}${unit}`;
  }
}
