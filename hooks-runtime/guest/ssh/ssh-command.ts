import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { SandformError } from '../../../lib/errors';
import type { CommandEnd, RunningCommand } from '../commands';
import type { CommandFile } from './command-file';
import { PipedInput } from './piped-input';
import { PipedOutput } from './piped-output';
import type { Ending, SshConnection } from './ssh-connection';

export interface SshCommandOptions {
  /** For messages. */
  readonly doing: string;
  /** As a shell would write it. */
  readonly command: string;
  readonly connection: SshConnection;
  readonly file: CommandFile;
  /** `performance.now()` of its start. */
  readonly startedAt: number;
  /** Why the connection ended, from the sandbox's point of view. */
  readonly whyLost: (ending: Ending) => Promise<SandformError>;
}

/** Output of a command that has ended counts as complete when nothing came for so many milliseconds, and as long as so many answers took. */
const QUIET = 1000;
const QUESTIONS = 3;
/** Milliseconds that a kill may take until the command is given up. */
const KILL_TIMEOUT = 10_000;

/** A command on a channel of its own. */
export class SshCommand implements RunningCommand {
  readonly command: string;
  readonly stdin: PipedInput;
  readonly stdout: PipedOutput;
  readonly stderr: PipedOutput;
  /** Resolves when the guest has let go of the channel, which may be long after the command has ended. */
  readonly closed: Promise<void>;
  private readonly outcome: Promise<CommandEnd>;
  private settle: { resolve: (end: CommandEnd) => void; reject: (why: SandformError) => void } = { resolve: () => undefined, reject: () => undefined };
  private exited: Pick<CommandEnd, 'exitCode' | 'signal'> | undefined;
  private outputDone = false;
  /** Why it is being killed: what {@link wait} fails with, however the command then ends. */
  private killedFor: SandformError | undefined;
  private over = false;
  /** Called when it is over. */
  private readonly settled: (() => void)[] = [];
  private readonly forgetConnection: () => void;

  constructor(
    private readonly channel: ClientChannel,
    private readonly options: SshCommandOptions,
  ) {
    this.command = options.command;
    this.stdin = new PipedInput(channel);
    this.stdout = new PipedOutput(channel);
    this.stderr = new PipedOutput(channel.stderr);
    this.outcome = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Whoever never waits is not to be ended by a command that was lost
    this.outcome.catch(() => undefined);
    channel.once('exit', (code: number | null, signal?: string) => this.onExit(code, signal));
    this.closed = new Promise((resolve) => channel.once('close', resolve));
    void this.closed.then(() => setImmediate(() => this.onClose()));
    void Promise.all([this.stdout.done, this.stderr.done]).then(() => this.onOutputDone());
    this.forgetConnection = options.connection.onEnd((ending) => void this.onLoss(ending));
  }

  resize(columns: number, rows: number): void {
    if (!this.over) this.channel.setWindow(rows, columns, 0, 0);
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.over || this.exited) return;
    if (!(signal in constants.signals)) throw new SandformError('USAGE', { doing: this.options.doing, given: signal, expected: 'the name of a signal, such as SIGTERM' });
    const script = this.options.file.killScript(signal);
    await this.options.connection.exec(script, undefined, (killer) => {
      killer.stderr.resume();
      killer.resume().end();
      return new Promise<void>((resolve) => {
        killer.once('close', () => resolve());
        this.settled.push(resolve);
      });
    });
  }

  wait(): Promise<CommandEnd> {
    return this.outcome;
  }

  /** Kills it, as hard as can be, and has {@link wait} fail with this error. */
  async end(why: SandformError): Promise<void> {
    if (this.over) return;
    this.killedFor = why;
    const timer = setTimeout(() => this.finish(), KILL_TIMEOUT);
    try {
      await this.kill('SIGKILL');
    } catch {
      // The connection is gone, and with it the command: `why` is still what the caller has to know
    } finally {
      clearTimeout(timer);
      this.finish();
    }
  }

  /** Has the guest let go of the channel: whoever still holds the output of a command that has ended writes to nobody. */
  letGo(): void {
    this.channel.close();
  }

  private onExit(code: number | null, signal?: string): void {
    this.exited = { exitCode: code, signal: code === null ? signalName(signal) : null };
    this.stdin.cut();
    if (this.outputDone) this.finish();
    // Where the connection ends meanwhile, that is what ends the command
    else this.awaitQuiet().catch(() => undefined);
  }

  private onOutputDone(): void {
    this.outputDone = true;
    if (this.exited) this.finish();
  }

  /** The guest closed the channel; if it has not said how the command ended, it never will. */
  private onClose(): void {
    if (!this.exited && this.options.connection.alive) this.finish(this.lost('the guest closed it without an exit code'));
  }

  private async onLoss(ending: Ending): Promise<void> {
    this.finish(await this.options.whyLost(ending));
  }

  /**
   * Processes that a command left behind may hold its output open for ever, so it also ends once nothing has come for a
   * while. On a busy host a slow guest is silent, too: what it has to say comes before its answers to questions asked later.
   */
  private async awaitQuiet(): Promise<void> {
    for (let seen = -1; !this.over && (seen !== this.outputBytes || this.stdout.held || this.stderr.held); ) {
      seen = this.outputBytes;
      await pause(QUIET, undefined, { ref: false });
      for (let question = 0; question < QUESTIONS; question += 1) await this.options.connection.ping();
    }
    this.stdout.cut();
    this.stderr.cut();
  }

  private get outputBytes(): number {
    return this.stdout.bytes + this.stderr.bytes;
  }

  private finish(failure: SandformError | undefined = this.killedFor): void {
    if (this.over) return;
    this.over = true;
    this.forgetConnection();
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.cut();
    const { command, exited, stdout, stderr } = this;
    const facts = { command, stdoutBytes: stdout.bytes, stderrBytes: stderr.bytes, duration: Math.round(performance.now() - this.options.startedAt) };
    if (failure || !exited) {
      this.channel.close();
      this.settle.reject(failure ?? this.lost('it ended without an exit code'));
    } else {
      this.settle.resolve({ ...facts, ...exited });
    }
    for (const resolve of this.settled) resolve();
  }

  private lost(given: string): SandformError {
    return new SandformError('COMMAND_LOST', { doing: this.options.doing, given });
  }
}

/** A name that the guest gave, if it can be one. */
function signalName(signal: string | undefined): string {
  return signal !== undefined && /^SIG[A-Z0-9+-]{1,12}$/.test(signal) ? signal : 'SIGUNKNOWN';
}
