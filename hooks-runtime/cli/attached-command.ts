import { constants } from 'node:os';
import { pipeline } from 'node:stream/promises';
import type { Duration } from '../../lib/units';
import type { Command, CommandEnd, RunningCommand } from '../guest';
import type { CommandContext } from './command-context';
import { EXIT } from './exit-codes';
import { guestOutputStream } from './guest-output';

interface AttachedCommand {
  readonly address: string;
  readonly command: Command;
  readonly uri?: string;
  readonly tty?: boolean;
  readonly timeout?: Duration;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** Runs a command in a sandbox with this process's own streams, and gives the exit code to end with. */
export async function runAttached(context: CommandContext, { address, command, uri, tty = false, timeout, cwd, env }: AttachedCommand): Promise<number> {
  const { connect } = await import('../sandbox');
  const { resolveUri } = await import('../host');
  await using sandbox = await connect(address, { uri: await resolveUri(uri), signal: context.signal });
  const options = {
    signal: context.signal,
    ...(timeout === undefined ? {} : { timeout: timeout.toString() }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  };
  if (context.reporter.json) {
    const result = await sandbox.commands.run(command, options);
    context.reporter.result(result, () => result.stdout);
    return exitCodeOfCommand(result);
  }
  if (tty && process.stdin.isTTY) {
    const { attachTerminal } = await import('../guest');
    const { columns, rows } = process.stdout;
    const running = await sandbox.commands.start(command, { ...options, pty: { columns, rows, ...(process.env['TERM'] === undefined ? {} : { term: process.env['TERM'] }) } });
    const end = await attachTerminal(running, { stdin: process.stdin, stdout: process.stdout });
    return end === undefined ? EXIT.done : exitCodeOfCommand(end);
  }
  const running = await sandbox.commands.start(command, tty ? { ...options, pty: { columns: 80, rows: 24 } } : options);
  return exitCodeOfCommand(await withOwnStreams(running));
}

/** The code to end with: the command's own, or 128 + N where signal N ended it. */
export function exitCodeOfCommand({ exitCode, signal }: Pick<CommandEnd, 'exitCode' | 'signal'>): number {
  if (exitCode !== null) return exitCode;
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  return 128 + (number ?? 0);
}

async function withOwnStreams(running: RunningCommand): Promise<CommandEnd> {
  // Input that can't be delivered any more is no failure: the command has ended, and `wait` tells how.
  void pipeline(process.stdin, running.stdin).catch(() => undefined);
  const outputs = Promise.all([
    pipeline(running.stdout, guestOutputStream(process.stdout).resume()),
    pipeline(running.stderr, guestOutputStream(process.stderr).resume()),
  ]);
  // A reader that went away (`| head`) ends the command as it would on one machine.
  outputs.catch(() => void running.kill('SIGPIPE').catch(() => undefined));
  try {
    return await running.wait();
  } finally {
    await outputs.catch(() => undefined);
    process.stdin.destroy();
  }
}
