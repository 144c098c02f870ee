import type { IConstruct } from 'constructs';
import { type ErrorCode, type ErrorFacts, SandformError } from '../lib';

/** Gives the mistakes that can be told only when all declarations have been made. */
export type Check = () => readonly SandformError[];

/** One rule: whether it holds, the property it is about, what was given, what was expected, how to fix it. */
export type Rule = readonly [holds: boolean, property: string, given: unknown, expected: string, fix: string];

/** What is wrong with one construct. Nothing is thrown where it is found: an app's mistakes are reported together. */
export class Mistakes {
  private readonly found: SandformError[] = [];
  private readonly checks: Check[] = [];

  private constructor(private readonly construct: IConstruct) {}

  static of(construct: IConstruct): Mistakes {
    const known = all.get(construct) ?? new Mistakes(construct);
    all.set(construct, known);
    return known;
  }

  /** What a function returns; where it fails with a coded error, that is a mistake and the fallback is returned. */
  read<T, F = T>(read: () => T, fallback: F): T | F {
    try {
      return read();
    } catch (error) {
      this.found.push(...codedErrors(error));
      return fallback;
    }
  }

  /** Adds a check that is made when the app is synthesized. A coded error that it throws counts as a mistake. */
  check(check: Check): void {
    this.checks.push(check);
  }

  /** Adds rules that are looked at when the app is synthesized. */
  rules(rules: () => readonly Rule[]): void {
    this.check(() => rules().flatMap(([holds, property, given, expected, fix]) => (holds ? [] : [this.mistake('PROP_INVALID', property, { given, expected, fix })])));
  }

  /** A mistake in one property, which the caller adds or throws. */
  mistake(code: ErrorCode, property: string, facts: Omit<ErrorFacts, 'doing'>): SandformError {
    return new SandformError(code, { doing: this.doing(property), ...facts });
  }

  /** The beginning of every message: `lab/victim: memory`. */
  doing(property: string): string {
    return `${this.construct.node.path}: ${property}`;
  }

  /** All mistakes, as far as they can be told now. */
  list(): SandformError[] {
    return [...this.found, ...this.checks.flatMap(outcome)];
  }
}

/**
 * Ends synth where anything in an app is wrong.
 * @throws SandformError `APP_INVALID` that holds every mistake of every construct, those of other libraries' validations included
 */
export function refuseMistakes(app: IConstruct): void {
  const errors = app.node.findAll().flatMap((construct) => [...(all.get(construct)?.list() ?? []), ...foreign(construct)]);
  if (errors.length > 0) throw combined(errors);
}

/**
 * What all functions return.
 * @throws SandformError where any fails with a coded error: all of those in one
 */
export function readAll<const Parts extends readonly (() => unknown)[]>(parts: Parts): { -readonly [Index in keyof Parts]: ReturnType<Parts[Index]> } {
  const errors: SandformError[] = [];
  const read = parts.map((part) => {
    try {
      return part();
    } catch (error) {
      errors.push(...codedErrors(error));
      return undefined;
    }
  });
  if (errors.length > 0) throw combined(errors);
  return read as { -readonly [Index in keyof Parts]: ReturnType<Parts[Index]> };
}

/** The coded errors that a thrown thing stands for; rethrows what is no coded error. */
export function codedErrors(error: unknown): readonly SandformError[] {
  if (!SandformError.is(error)) throw error;
  return error.errors.length > 0 ? error.errors : [error];
}

const all = new WeakMap<IConstruct, Mistakes>();

function combined(errors: readonly SandformError[]): SandformError {
  // What is wrong with one part may be found on the way to several others.
  const told = [...new Map(errors.map((error) => [error.format(), error])).values()];
  return new SandformError('APP_INVALID', { doing: `checking the declarations: ${told.length} ${told.length === 1 ? 'mistake' : 'mistakes'}`, errors: told });
}

function outcome(check: Check): readonly SandformError[] {
  try {
    return check();
  } catch (error) {
    return codedErrors(error);
  }
}

function foreign(construct: IConstruct): SandformError[] {
  return construct.node.validate().map((message) => new SandformError('PROP_INVALID', { doing: `${construct.node.path}: ${message}` }));
}
