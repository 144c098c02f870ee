import { SandformError } from '../../../lib/errors';
import { Duration } from '../../../lib/units';
import { commandScript, commandText } from '../command-line';
import type { Command, CommandOptions, CommandResult, Commands, RunningCommand, StartOptions } from '../commands';
import type { GuestPorts } from '../guest-channel';
import { runToEnd } from '../run-to-end';
import { CommandFile } from './command-file';
import type { HeldConnection } from './held-connection';
import { SshCommand } from './ssh-command';
import type { Ending } from './ssh-connection';

/** Milliseconds that a command waits for a guest that is still booting. */
export const CONNECT_TIMEOUT = 120_000;

const MOST_LINGERING = 32;

/** Commands over the held connection, each on a channel of its own. */
export class SshCommands implements Commands {
  /** Commands that have ended, with a channel that something they left behind still holds. */
  private readonly lingering = new Set<SshCommand>();

  constructor(
    private readonly held: HeldConnection,
    private readonly ports: GuestPorts,
  ) {}

  run(command: Command, options: CommandOptions = {}): Promise<CommandResult> {
    return runToEnd(this, command, options);
  }

  async start(command: Command, { timeout, cwd, env, signal, pty }: StartOptions = {}): Promise<RunningCommand> {
    const text = commandText(command);
    const doing = `${this.ports.address}: running ${JSON.stringify(text.slice(0, 200))}`;
    const script = commandScript(command, { cwd, env });
    const limit = timeout === undefined ? undefined : Duration.parse(timeout, doing).timerMilliseconds;
    const startedAt = performance.now();
    if (signal?.aborted) throw interrupted(doing, signal);

    const connection = await this.held.acquire({ doing, timeout: Math.min(limit ?? CONNECT_TIMEOUT, CONNECT_TIMEOUT), signal });
    const slot = await connection.slots.take(signal ?? NEVER, doing);
    const file = new CommandFile(slot);
    const whyLost = async ({ why, certain }: Ending) => (certain ? undefined : await this.ports.outage(doing, 'after')) ?? why;
    try {
      const running = await connection.exec(file.around(script), pty, (channel) => new SshCommand(channel, { doing, command: text, connection, file, startedAt, whyLost }));
      const unwatch = this.watch(running, { doing, limit, startedAt, signal });
      const over = () => {
        unwatch();
        this.linger(running);
      };
      running.wait().then(over, over);
      void running.closed.then(() => {
        this.lingering.delete(running);
        connection.slots.give(slot);
      });
      return running;
    } catch (error) {
      connection.slots.give(slot);
      throw connection.ending ? await whyLost(connection.ending) : error;
    }
  }

  /** What is left behind may go on writing, unless too many do. */
  private linger(ended: SshCommand): void {
    this.lingering.add(ended);
    const [oldest] = this.lingering;
    if (this.lingering.size > MOST_LINGERING) oldest?.letGo();
  }

  private watch(running: SshCommand, { doing, limit, startedAt, signal }: { doing: string; limit: number | undefined; startedAt: number; signal: AbortSignal | undefined }): () => void {
    const onTimeout = () => void running.end(new SandformError('COMMAND_TIMEOUT', { doing, given: `still running after ${limit} ms`, details: { timeout: limit } }));
    const onAbort = () => void running.end(interrupted(doing, signal));
    const timer = limit === undefined ? undefined : setTimeout(onTimeout, Math.max(0, limit - (performance.now() - startedAt)));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }
}

const NEVER = new AbortController().signal;

function interrupted(doing: string, signal: AbortSignal | undefined): SandformError {
  return new SandformError('INTERRUPTED', { doing, cause: signal?.reason });
}
