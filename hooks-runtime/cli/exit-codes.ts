import type { SandformError } from '../../lib/errors';

/**
 * Exit codes of every command. `exec`, `shell` and `run -- CMD` end with the command's own code instead of 0 or 1,
 * or 128 + N where signal N ended it.
 */
export const EXIT = {
  done: 0,
  /** It was done, and what was looked at is not well: a failed run, a problem found by doctor, something left by reap. */
  notWell: 1,
  /** The command line or a declaration is wrong. */
  usage: 2,
  /** Sandform could not do it. */
  failed: 125,
  interrupted: 130,
  terminated: 143,
} as const;

export function exitCodeOf(error: SandformError): number {
  if (error.code === 'INTERRUPTED') return error.details['signal'] === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  return error.kind === 'usage' || error.kind === 'declaration' ? EXIT.usage : EXIT.failed;
}
