import { SandformError } from '../lib';

const DECLARATION_MISTAKE = 2;

/**
 * Ends the process with an error's own text, instead of a stack trace, should nobody catch the error. Who catches it, or
 * fails of something else, meets Node's usual behaviour.
 */
export function reportOnExit(error: unknown): void {
  if (!SandformError.is(error)) return;
  awaited.add(error);
  if (awaited.size > 1) return;
  process.on('uncaughtExceptionMonitor', (uncaught) => {
    if (!awaited.has(uncaught) || !SandformError.is(uncaught)) return;
    process.stderr.write(`${uncaught.format()}\n`);
    process.exit(DECLARATION_MISTAKE);
  });
}

const awaited = new Set<unknown>();
