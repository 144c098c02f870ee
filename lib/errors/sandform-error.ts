import { printable } from '../text/printable';
import { ERRORS, type ErrorCode, type ErrorKind } from './table';

/** What a {@link SandformError} tells beside its code. */
export interface ErrorFacts {
  /** What was being done, beginning with the address or path concerned, e.g. `lab/net: deploying network 'lab-net'`. */
  readonly doing: string;
  /** What was given or found; any value, shown as JSON unless it is a string. */
  readonly given?: unknown;
  /** What was expected instead. @default the code's entry in the table */
  readonly expected?: string;
  /** How to fix it. @default the code's entry in the table */
  readonly fix?: string;
  /** What lies beneath. */
  readonly cause?: unknown;
  /** Machine-readable facts for `--json`. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Where one error stands for several: each of them. They are shown instead of what was expected and how to fix it. */
  readonly errors?: readonly SandformError[];
}

/** The JSON form of an error, as `--json` prints it and run records keep it. */
export interface ErrorDocument {
  readonly code: string;
  readonly doing: string;
  readonly given?: string;
  readonly expected: string;
  readonly fix: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly ErrorDocument[];
}

/** The only error that leaves Sandform. Its code is a key of the table that docs/errors.md is generated from. */
export class SandformError extends Error {
  readonly doing: string;
  readonly given: string | undefined;
  readonly expected: string;
  readonly fix: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly errors: readonly SandformError[];

  constructor(
    readonly code: ErrorCode,
    facts: ErrorFacts,
  ) {
    const entry = ERRORS[code];
    super(`${code}  ${printable(facts.doing, { singleLine: true, limit: 500 })}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SandformError';
    this.doing = facts.doing;
    this.given = facts.given === undefined ? undefined : shown(facts.given);
    this.expected = facts.expected ?? entry.expected;
    this.fix = facts.fix ?? entry.fix;
    this.details = facts.details ?? {};
    this.errors = facts.errors ?? [];
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  /** The lines a person reads; safe on a terminal whatever the facts hold. */
  format(): string {
    if (this.errors.length > 0) return [this.message, ...this.errors.map((error) => error.format().replace(/^/gm, '  '))].join('\n');
    const rows: [string, string | undefined][] = [
      ['given', this.given],
      ['expected', this.expected],
      ['fix', this.fix],
      ['because', causeOf(this)],
    ];
    const lines = rows.flatMap(([label, text]) => (text === undefined ? [] : [`  ${label.padEnd(9)} ${indented(text)}`]));
    return [this.message, ...lines].join('\n');
  }

  toJSON(): ErrorDocument {
    return {
      code: this.code,
      doing: this.doing,
      ...(this.given === undefined ? {} : { given: this.given }),
      expected: this.expected,
      fix: this.fix,
      ...(Object.keys(this.details).length === 0 ? {} : { details: this.details }),
      ...(this.errors.length === 0 ? {} : { errors: this.errors.map((error) => error.toJSON()) }),
    };
  }

  /** The error that another process told as JSON. A code that this Sandform does not know becomes `INTERNAL`. */
  static fromJSON({ code, doing, given, expected, fix, details, errors }: ErrorDocument): SandformError {
    const known = code in ERRORS ? (code as ErrorCode) : 'INTERNAL';
    return new SandformError(known, { doing, given, expected, fix, ...(details === undefined ? {} : { details }), ...(errors === undefined ? {} : { errors: errors.map((error) => SandformError.fromJSON(error)) }) });
  }

  /** Recognises a SandformError made by any copy of this module. */
  static is(error: unknown): error is SandformError {
    return error instanceof SandformError || (typeof error === 'object' && error !== null && (error as Error).name === 'SandformError' && 'code' in error);
  }

  /** The error itself if it is coded already, else an `INTERNAL` one around it. */
  static from(error: unknown, doing: string): SandformError {
    return SandformError.is(error) ? error : new SandformError('INTERNAL', { doing, given: messageOf(error), cause: error });
  }
}

/** The message of whatever was thrown. Does not rely on `instanceof Error`, which fails between realms. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message;
  try {
    return String(error);
  } catch {
    // An object that refuses to become text.
    return Object.prototype.toString.call(error);
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)) as string | undefined;
  return json ?? String(value);
}

function causeOf(error: SandformError): string | undefined {
  if (error.cause === undefined) return undefined;
  const message = messageOf(error.cause);
  return message === error.given ? undefined : message;
}

function indented(text: string): string {
  return printable(text, { limit: 4000 }).split('\n').join('\n            ');
}
