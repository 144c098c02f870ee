import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a child process ended. */
export interface ChildEnd {
  /** Null where a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
  /** The end of what it wrote, standard output and errors together. */
  readonly output: string;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Asks it once to end, as Ctrl-C would. */
  readonly signal?: AbortSignal;
  /** Whether what it started is asked as well; else that is left to it. @default false */
  readonly wholeGroup?: boolean;
  /** Told each line of its standard error. */
  readonly onLine?: (line: string) => void;
}

/** Kept of what a child writes, characters. */
const LONGEST_OUTPUT = 256 * 2 ** 10;

/**
 * Runs a program to its end, in a process group of its own: Ctrl-C on the terminal reaches it only through the signal, and once,
 * because Terraform takes a second one as the wish to be killed.
 */
export function childEnd(file: string, args: readonly string[], { cwd, env, signal, wholeGroup = false, onLine }: ChildOptions): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: string) => (output = (output + chunk).slice(-LONGEST_OUTPUT));
    const interrupt = () => {
      if (wholeGroup && child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGINT');
      else child.kill('SIGINT');
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    if (onLine !== undefined) createInterface({ input: child.stderr }).on('line', onLine);
    signal?.addEventListener('abort', interrupt, { once: true });
    const end = (exitCode: number | null) => {
      signal?.removeEventListener('abort', interrupt);
      resolve({ exitCode, output });
    };
    child.once('error', (error) => {
      keep(error.message);
      end(null);
    });
    child.once('close', end);
    if (signal?.aborted) interrupt();
  });
}
