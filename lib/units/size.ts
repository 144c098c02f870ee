import { SandformError } from '../errors';

const FACTORS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
type SizeUnit = keyof typeof FACTORS;

/** A size as people write it, e.g. `'512MiB'` or `'1.5GiB'`. */
export type SizeText = `${number}${SizeUnit}`;

/** An amount of bytes, a whole number above zero. */
export class Size {
  private constructor(readonly bytes: number) {}

  /** @throws SandformError `SIZE_INVALID` */
  static parse(text: string, doing = 'reading a size'): Size {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
    const bytes = Number(amount) * FACTORS[unit as SizeUnit];
    if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new SandformError('SIZE_INVALID', { doing, given: text });
    return new Size(bytes);
  }

  static bytes(bytes: number): Size {
    if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new SandformError('SIZE_INVALID', { doing: 'reading a size in bytes', given: bytes });
    return new Size(bytes);
  }

  get mebibytes(): number {
    return this.bytes / FACTORS.MiB;
  }

  /** The largest unit that gives a whole number, e.g. `512MiB`. */
  toString(): SizeText {
    const unit = (Object.keys(FACTORS) as SizeUnit[]).reverse().find((candidate) => this.bytes % FACTORS[candidate] === 0) ?? 'B';
    return `${this.bytes / FACTORS[unit]}${unit}`;
  }
}
