import { SandformError } from '../../lib/errors';

/** What one look at the machine found. */
export interface Finding {
  /** What was looked at, e.g. `accelerator`. */
  readonly check: string;
  /** `warning`: it works, but less safely or not for long. `problem`: something that Sandform needs does not work. */
  readonly status: 'ok' | 'warning' | 'problem';
  /** What was found, one sentence. */
  readonly found: string;
  /** How to mend it; absent where it is well. */
  readonly fix?: string;
}

/** A look at one side of the machine. */
export type Check = () => Promise<readonly Finding[]>;

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });
export const warning = (check: string, found: string, fix: string): Finding => ({ check, status: 'warning', found, fix });
export const problem = (check: string, found: string, fix: string): Finding => ({ check, status: 'problem', found, fix });

/** What a check that failed itself found. */
export function failed(check: string, error: unknown): Finding {
  const coded = SandformError.from(error, `looking at ${check}`);
  return problem(check, coded.given === undefined ? coded.message : `${coded.message}: ${coded.given}`, coded.fix);
}
