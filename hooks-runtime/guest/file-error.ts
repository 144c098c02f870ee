import { SandformError, messageOf } from '../../lib/errors';

/** What stood in the way, in `details.reason` of a `GUEST_FILE` error. */
export type FileFailure = 'missing' | 'denied' | 'too-big' | 'exists' | 'not-supported' | 'failed';

export function fileError(doing: string, reason: FileFailure, given: unknown, cause?: unknown): SandformError {
  return new SandformError('GUEST_FILE', { doing, given, details: { reason }, ...(cause === undefined ? {} : { cause }) });
}

/** A failure of the host's own file system during a copy. */
export function localFileError(doing: string, path: string, cause: unknown): SandformError {
  return SandformError.is(cause) ? cause : fileError(doing, 'failed', `on this machine: ${path}: ${messageOf(cause)}`, cause);
}
