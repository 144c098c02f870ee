import { CommanderError } from 'commander';
import { SandformError } from '../../lib/errors';
import { EXIT, exitCodeOf } from './exit-codes';
import { Interruption } from './interruption';
import { createProgram } from './program';
import { createReporter } from './reporter';

/** Runs one command line and ends the process with its exit code. Never throws, never shows a stack trace. */
export async function main(words: readonly string[]): Promise<void> {
  process.exitCode = await run(words);
}

async function run(words: readonly string[]): Promise<number> {
  using interruption = new Interruption();
  // Errors of the command line itself must come in the form that was asked for, before it could be parsed.
  const separator = words.indexOf('--');
  const reporter = createReporter({ json: (separator < 0 ? words : words.slice(0, separator)).includes('--json') });
  let exitCode: number = EXIT.done;
  try {
    const program = createProgram({ reporter, signal: interruption.signal, end: (code) => (exitCode = code) });
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const coded = codedOf(error, interruption.signal);
    reporter.error(coded);
    return exitCodeOf(coded);
  }
}

export function codedOf(error: unknown, signal: AbortSignal): SandformError {
  if (error instanceof CommanderError) {
    const given = error.code === 'commander.help' ? 'no command' : error.message.replace(/^error: /, '');
    return new SandformError('USAGE', { doing: 'reading the command line', given });
  }
  if (signal.aborted && SandformError.is(signal.reason)) return signal.reason;
  return SandformError.from(error, 'running a command');
}
