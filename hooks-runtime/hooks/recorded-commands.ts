import { SandformError } from '../../lib/errors';
import type { EventBus } from '../events';
import type { CommandRecording, RunRecorder } from '../record';
import type { Command, CommandOptions, CommandResult, Commands, RunningCommand, StartOptions } from '../sandbox';

interface RecordedBy {
  readonly recorder: RunRecorder;
  readonly events: EventBus;
  /** Who runs the commands: `run`, or the name of a hook. */
  readonly source: string;
}

/**
 * The commands of a sandbox such that each is recorded with its output, and fires `command_started` and `command_finished`.
 * Of those that are started rather than run only the end is recorded: their streams belong to who started them.
 */
export function recordedCommands(commands: Commands, by: RecordedBy): Commands {
  return { run: (command, options) => run(commands, command, options ?? {}, by), start: (command, options) => start(commands, command, options ?? {}, by) };
}

async function run(commands: Commands, command: Command, options: CommandOptions, { recorder, events, source }: RecordedBy): Promise<CommandResult> {
  const line = commandLine(command);
  const recording = recorder.startCommand(line, source);
  await events.emit('command_started', { command: line }, source);
  const result = await recorded(recording, () =>
    commands.run(command, {
      ...options,
      onStdout(chunk) {
        recording.stdout(chunk);
        options.onStdout?.(chunk);
      },
      onStderr(chunk) {
        recording.stderr(chunk);
        options.onStderr?.(chunk);
      },
    }),
  );
  await finished(events, result, source);
  return result;
}

async function start(commands: Commands, command: Command, options: StartOptions, { recorder, events, source }: RecordedBy): Promise<RunningCommand> {
  const line = commandLine(command);
  const recording = recorder.startCommand(line, source, { output: false });
  await events.emit('command_started', { command: line }, source);
  const begin = performance.now();
  const running = await commands.start(command, options).catch((error: unknown) => {
    throw failed(recording, begin, error);
  });
  const ended = recorded(recording, () => running.wait()).then(async (end) => {
    await finished(events, end, source);
    return end;
  });
  // Whoever started it may never ask how it ended.
  ended.catch(() => undefined);
  const { stdin, stdout, stderr } = running;
  return { command: running.command, stdin, stdout, stderr, resize: (columns, rows) => running.resize(columns, rows), kill: (signal) => running.kill(signal), wait: () => ended };
}

type End = Pick<CommandResult, 'command' | 'exitCode' | 'signal' | 'duration' | 'stdoutBytes' | 'stderrBytes'>;

async function recorded<E extends End>(recording: CommandRecording, work: () => Promise<E>): Promise<E> {
  const begin = performance.now();
  try {
    const end = await work();
    recording.end(end);
    return end;
  } catch (error) {
    throw failed(recording, begin, error);
  }
}

function failed(recording: CommandRecording, begin: number, error: unknown): SandformError {
  const coded = SandformError.from(error, 'running a command');
  recording.end({ exitCode: null, signal: null, duration: Math.round(performance.now() - begin), error: coded });
  return coded;
}

function finished(events: EventBus, { command, exitCode, signal, duration }: End, source: string): Promise<void> {
  return events.emit('command_finished', { command, exitCode, signal, duration }, source);
}

/** A command as a shell would write it. */
export function commandLine(command: Command): string {
  return typeof command === 'string' ? command : command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
