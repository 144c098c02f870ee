import { once } from 'node:events';
import { Readable } from 'node:stream';
import { SandformError } from '../../lib/errors';
import { Size } from '../../lib/units';
import type { Command, CommandOptions, CommandResult, Commands, RunningCommand } from './commands';
import { OutputKeeper } from './output-keeper';

const MAX_OUTPUT = '1MiB';

/** {@link Commands.run} in terms of {@link Commands.start}: feeds the command, keeps the beginning of what it writes. */
export async function runToEnd(commands: Pick<Commands, 'start'>, command: Command, options: CommandOptions): Promise<CommandResult> {
  const { stdin, maxOutput = MAX_OUTPUT, onStdout, onStderr, ...rest } = options;
  const limit = Size.parse(maxOutput).bytes;
  const running = await commands.start(command, rest);
  const doing = `running ${JSON.stringify(running.command.slice(0, 200))}`;
  const failures: SandformError[] = [];
  const fail = (error: unknown) => {
    failures.push(SandformError.from(error, doing));
    // What it fails with is the failure above; that it could not be killed as well adds nothing
    running.kill('SIGKILL').catch(() => undefined);
  };

  const stdout = kept(running.stdout, limit, onStdout, fail);
  const stderr = kept(running.stderr, limit, onStderr, fail);
  feed(running, stdin, fail);
  try {
    // What was handed over is not yet what was read: both streams end, however the command did
    const [end] = await Promise.allSettled([running.wait(), once(running.stdout, 'close'), once(running.stderr, 'close')]);
    if (failures[0]) throw failures[0];
    if (end.status === 'rejected') throw withOutput(end.reason, stdout, stderr);
    return { ...end.value, stdout: stdout.text(), stderr: stderr.text(), truncated: stdout.truncated || stderr.truncated };
  } finally {
    if (stdin instanceof Readable) stdin.unpipe(running.stdin).destroy();
  }
}

function kept(stream: Readable, limit: number, onChunk: ((chunk: Uint8Array) => void) | undefined, fail: (error: unknown) => void): OutputKeeper {
  const keeper = new OutputKeeper(limit);
  stream.on('data', (chunk: Buffer) => {
    keeper.push(chunk);
    try {
      onChunk?.(chunk);
    } catch (error) {
      fail(error);
    }
  });
  return keeper;
}

function feed(running: RunningCommand, stdin: CommandOptions['stdin'], fail: (error: unknown) => void): void {
  if (stdin instanceof Readable) stdin.on('error', fail).pipe(running.stdin);
  else if (stdin === undefined) running.stdin.end();
  else running.stdin.end(stdin);
}

/** What a command that failed had written by then, in `details`: enough to see what it was at. */
function withOutput(error: unknown, stdout: OutputKeeper, stderr: OutputKeeper): unknown {
  if (!SandformError.is(error)) return error;
  const details = { ...error.details, stdout: stdout.text().slice(0, 4096), stderr: stderr.text().slice(0, 4096), stdoutBytes: stdout.seen, stderrBytes: stderr.seen };
  return new SandformError(error.code, { doing: error.doing, given: error.given, expected: error.expected, fix: error.fix, cause: error.cause, details });
}
