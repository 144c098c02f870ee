import { SandformError } from '../../lib/errors';
import type { CommandResult } from '../sandbox';

/** The error of a command that ended with another exit code than 0. */
export function commandFailed(address: string, { command, exitCode, signal }: Pick<CommandResult, 'command' | 'exitCode' | 'signal'>): SandformError {
  return new SandformError('COMMAND_FAILED', { doing: `${address}: running ${command}`, given: exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`, details: { exitCode, signal } });
}
