import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { SandformError } from '../../../lib/errors';
import { type ProcessIdentity, childrenOf, isAlive, processIdentity, runningProcesses, sessionOf } from '../../processes';
import type { CommandEnd, RunningCommand } from '../commands';
import { PipedInput } from '../ssh/piped-input';
import { PipedOutput } from '../ssh/piped-output';
import type { StartedProcess } from './namespace-commands';

export interface NamespaceCommandOptions {
  /** For messages. */
  readonly doing: string;
  /** As a shell would write it. */
  readonly command: string;
  /** Why the sandbox ended, if it did. */
  readonly whyLost: () => Promise<SandformError | undefined>;
}

/** Output of a command that has ended counts as complete when nothing came for so many milliseconds. */
const QUIET = 1000;
/** Milliseconds that a command may take to come into its session, and to end once it was killed. */
const ENTRY_TIMEOUT = 2000;
const KILL_TIMEOUT = 10_000;

/** A command in a container. Its process on this machine only waits for the one inside, and ends as that one does. */
export class NamespaceCommand implements RunningCommand {
  readonly command: string;
  readonly stdin: PipedInput;
  readonly stdout: PipedOutput;
  readonly stderr: PipedOutput;
  private readonly outcome: Promise<CommandEnd>;
  private settle: { resolve: (end: CommandEnd) => void; reject: (why: SandformError) => void } = { resolve: () => undefined, reject: () => undefined };
  private readonly startedAt = performance.now();
  private exited: Pick<CommandEnd, 'exitCode' | 'signal'> | undefined;
  /** Why it is being killed: what {@link wait} fails with, however the command then ends. */
  private killedFor: SandformError | undefined;
  /** Whether SIGKILL came from us. */
  private killed = false;
  private over = false;
  private readonly tty: ReadStream | undefined;

  constructor(
    private readonly process: StartedProcess,
    private readonly options: NamespaceCommandOptions,
  ) {
    this.command = options.command;
    const { child, terminal } = process;
    this.tty = terminal && opened(terminal.controller);
    this.stdin = new PipedInput(this.tty ?? child.stdin ?? new Writable());
    this.stdout = new PipedOutput(this.tty ?? child.stdout ?? Readable.from([]));
    this.stderr = new PipedOutput(child.stderr ?? Readable.from([]));
    child.stdin?.on('error', () => this.stdin.cut());
    this.outcome = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Whoever never waits is not to be ended by a command that was lost
    this.outcome.catch(() => undefined);
    child.once('exit', (exitCode, signal) => void this.onExit({ exitCode, signal }));
    child.once('error', (cause) => {
      this.finish(new SandformError('PROCESS_FAILED', { doing: options.doing, given: cause.message, cause, fix: 'install util-linux' }));
    });
  }

  resize(columns: number, rows: number): void {
    if (!this.over) this.process.terminal?.resize(columns, rows);
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.over || this.exited) return;
    if (!(signal in constants.signals)) throw new SandformError('USAGE', { doing: this.options.doing, given: signal, expected: 'the name of a signal, such as SIGTERM' });
    const leader = await this.leader();
    if (leader === undefined) return;
    this.killed ||= signal === 'SIGKILL';
    send(-leader.pid, signal);
    // Jobs of an interactive shell have groups of their own.
    if (signal === 'SIGKILL') for (let pass = 0; pass < 5 && killSession(leader); pass += 1) await pause(10);
  }

  wait(): Promise<CommandEnd> {
    return this.outcome;
  }

  /** Kills it, as hard as can be, and has {@link wait} fail with this error. */
  async end(why: SandformError): Promise<void> {
    if (this.over) return;
    this.killedFor = why;
    await this.kill('SIGKILL');
    // One that stands still with its container does not end before that goes on.
    const timer = setTimeout(() => {
      this.finish();
    }, KILL_TIMEOUT);
    await this.outcome.catch(() => undefined);
    clearTimeout(timer);
  }

  /** The process inside that leads the command's session, once it does. */
  private async leader(): Promise<ProcessIdentity | undefined> {
    const { pid } = this.process.child;
    const end = performance.now() + ENTRY_TIMEOUT;
    while (pid !== undefined && this.exited === undefined && performance.now() < end) {
      const [inside] = childrenOf(pid);
      if (inside !== undefined && sessionOf(inside) === inside) return processIdentity(inside);
      await pause(10);
    }
    return undefined;
  }

  private async onExit(end: Pick<CommandEnd, 'exitCode' | 'signal'>): Promise<void> {
    this.exited = end;
    this.stdin.cut();
    // All processes of a container that ends are killed.
    const lost = end.signal === 'SIGKILL' && !this.killed ? await this.options.whyLost() : undefined;
    await Promise.race([Promise.all([this.stdout.done, this.stderr.done]), this.quiet()]);
    this.finish(this.killedFor ?? lost);
  }

  /** Processes that a command left behind may hold its output open for ever. */
  private async quiet(): Promise<void> {
    for (let seen = -1; !this.over && (seen !== this.bytes || this.stdout.held || this.stderr.held); ) {
      seen = this.bytes;
      await pause(QUIET, undefined, { ref: false });
    }
  }

  private get bytes(): number {
    return this.stdout.bytes + this.stderr.bytes;
  }

  private finish(failure: SandformError | undefined = this.killedFor): void {
    if (this.over) return;
    this.over = true;
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.cut();
    this.tty?.destroy();
    const { child } = this.process;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    const { command, exited } = this;
    if (failure !== undefined || exited === undefined) this.settle.reject(failure ?? new SandformError('COMMAND_LOST', { doing: this.options.doing, given: 'it did not end' }));
    else this.settle.resolve({ command, ...exited, stdoutBytes: this.stdout.bytes, stderrBytes: this.stderr.bytes, duration: Math.round(performance.now() - this.startedAt) });
  }
}

/** Its end is an error of the kernel's. */
function opened(controller: number): ReadStream {
  const stream = new ReadStream(controller);
  return stream.on('error', () => stream.destroy());
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Whether any was there to be killed. */
function killSession(leader: ProcessIdentity): boolean {
  const members = runningProcesses().filter((pid) => sessionOf(pid) === leader.pid && processIdentity(pid) !== undefined);
  for (const pid of members) send(pid, 'SIGKILL');
  return members.length > 0 || isAlive(leader);
}
