import { PassThrough } from 'node:stream';
import { SandformError } from '../../lib/errors';
import { Duration, Size } from '../../lib/units';
import type { Command, CommandEnd, CommandOptions, CommandResult, Commands, RunningCommand, StartOptions } from '../../hooks-runtime/guest';
import { commandLine } from '../../hooks-runtime/hooks';

/** What a command of a fake sandbox does. What is left out is that of a command that does nothing well. */
export interface FakeAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  /** Null where a signal ended it. @default 0 */
  readonly exitCode?: number | null;
  /** @default null */
  readonly signal?: string | null;
  /** Milliseconds that it says to have taken. @default 1 */
  readonly duration?: number;
}

/** Answers a command. A promise that never resolves is a command that hangs. */
export type FakeAnswers = (command: Command, options: CommandOptions) => FakeAnswer | Promise<FakeAnswer>;

/** What commands need of their sandbox. */
export interface FakeGuest {
  readonly address: string;
  answer: FakeAnswers;
  /** Why no command can be run now. */
  outage(doing: string): SandformError | undefined;
  /** Called with each end of the sandbox's power. */
  onEnd(listener: () => void): () => void;
}

/** Commands that do what a test says they do. */
export class FakeCommands implements Commands {
  constructor(private readonly guest: FakeGuest) {}

  async run(command: Command, options: CommandOptions = {}): Promise<CommandResult> {
    const { end, stdout, stderr } = await this.ended(command, options);
    options.onStdout?.(Buffer.from(stdout));
    options.onStderr?.(Buffer.from(stderr));
    const limit = Size.parse(options.maxOutput ?? '1MiB').bytes;
    const kept = (text: string) => Buffer.from(text).subarray(0, limit).toString();
    return { ...end, stdout: kept(stdout), stderr: kept(stderr), truncated: end.stdoutBytes > limit || end.stderrBytes > limit };
  }

  async start(command: Command, options: StartOptions = {}): Promise<RunningCommand> {
    const doing = this.doing(command);
    const outage = this.guest.outage(doing);
    if (outage !== undefined) throw outage;
    const killed = new AbortController();
    const [stdin, stdout, stderr] = [new PassThrough().resume(), new PassThrough(), new PassThrough()];
    const ended = this.ended(command, options, killed.signal);
    const streams = ended.then(
      (result) => {
        stdout.end(result.stdout);
        stderr.end(result.stderr);
      },
      () => {
        stdout.end();
        stderr.end();
      },
    );
    return {
      command: commandLine(command),
      ...{ stdin, stdout, stderr },
      resize: () => undefined,
      kill: async (signal = 'SIGTERM') => killed.abort(signal),
      wait: async () => {
        await streams;
        return (await ended).end;
      },
    };
  }

  private async ended(command: Command, options: CommandOptions, killed?: AbortSignal): Promise<{ end: CommandEnd; stdout: string; stderr: string }> {
    const doing = this.doing(command);
    const outage = this.guest.outage(doing);
    if (outage !== undefined) throw outage;
    const { timeout, signal } = options;
    const limit = timeout === undefined ? undefined : Duration.parse(timeout, doing).timerMilliseconds;
    const { stdout = '', stderr = '', exitCode, signal: by, duration = 1 } = await this.raced(doing, this.guest.answer(command, options), { limit, signal, killed });
    const ended = by ?? null;
    const end = { command: commandLine(command), exitCode: exitCode === undefined ? (ended === null ? 0 : null) : exitCode, signal: ended, stdoutBytes: Buffer.byteLength(stdout), stderrBytes: Buffer.byteLength(stderr), duration };
    return { end, stdout, stderr };
  }

  /** The answer, unless something ends the command before. */
  private async raced(doing: string, answer: FakeAnswer | Promise<FakeAnswer>, { limit, signal, killed }: { limit: number | undefined; signal?: AbortSignal | undefined; killed?: AbortSignal | undefined }): Promise<FakeAnswer> {
    const cleared = new AbortController();
    const ends = new Promise<FakeAnswer>((resolve, reject) => {
      const timer = limit === undefined ? undefined : setTimeout(() => reject(new SandformError('COMMAND_TIMEOUT', { doing, given: `no end within ${limit} ms` })), limit);
      const interrupt = () => reject(new SandformError('INTERRUPTED', { doing, cause: signal?.reason }));
      const forget = this.guest.onEnd(() => reject(new SandformError('SANDBOX_GONE', { doing, given: 'the sandbox ended' })));
      signal?.addEventListener('abort', interrupt, { signal: cleared.signal });
      killed?.addEventListener('abort', () => resolve({ exitCode: null, signal: String(killed.reason) }), { signal: cleared.signal });
      cleared.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        forget();
      });
      if (signal?.aborted) interrupt();
    });
    ends.catch(() => undefined);
    try {
      return await Promise.race([ends, answer]);
    } finally {
      cleared.abort();
    }
  }

  private doing(command: Command): string {
    return `${this.guest.address}: running ${commandLine(command)}`;
  }
}
