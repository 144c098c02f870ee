import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { SandformError } from '../../../lib/errors';
import type { CommandEnd, RunningCommand } from '../commands';
import { signalScript } from '../signal-script';
import type { AgentCalls, AgentStatus } from './agent-calls';

export interface AgentCommandOptions {
  /** For messages. */
  readonly doing: string;
  /** As a shell would write it. */
  readonly command: string;
  readonly calls: AgentCalls;
  readonly pid: number;
  /** Where the guest puts its output. */
  readonly outputs: { readonly stdout: string; readonly stderr: string };
  /** `performance.now()` of its start. */
  readonly startedAt: number;
  /** Why the guest can't be reached, if the sandbox itself is the reason. */
  readonly outage: () => Promise<SandformError | undefined>;
}

/** Milliseconds between looks at a command: soon at first, then ever rarer. */
const SHORTEST = 20;
const LONGEST = 500;
/** Bytes per question: the agent takes long answers apart slowly. */
const CHUNK = 48 * 2 ** 10;
/** Milliseconds that a kill may take until the command is given up. */
const KILL_TIMEOUT = 10_000;
/** Questions in a row that the agent may leave unanswered. */
const MOST_FAILURES = 10;

/** A command that the guest agent started: looked at from time to time, its output read from files of the guest. */
export class AgentCommand implements RunningCommand {
  readonly command: string;
  readonly stdin: Writable;
  readonly stdout = new FileOutput();
  readonly stderr = new FileOutput();
  private readonly outcome: Promise<CommandEnd>;
  private failure: SandformError | undefined;
  private over = false;
  private wake: () => void = () => undefined;
  private giveUp: (why: SandformError) => void = () => undefined;

  constructor(private readonly options: AgentCommandOptions) {
    this.command = options.command;
    this.stdin = new Writable({
      write: (_chunk, _encoding, done) => {
        const expected = 'a command that gets its input from `run`: the guest agent has no way to hand it over later';
        void this.end(new SandformError('GUEST_NO_CHANNEL', { doing: options.doing, given: 'input for a command under way', expected }));
        done();
      },
    });
    const abandoned = new Promise<never>((_resolve, reject) => (this.giveUp = reject));
    this.outcome = Promise.race([this.follow(), abandoned]).finally(() => (this.over = true));
    this.outcome.catch(() => undefined);
  }

  resize(): void {}

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { doing, calls, pid } = this.options;
    if (this.over) return;
    if (!(signal in constants.signals)) throw new SandformError('USAGE', { doing, given: signal, expected: 'the name of a signal, such as SIGTERM' });
    await calls.exec('/bin/sh', ['-c', signalScript(signal, String(pid))]);
    this.wake();
  }

  wait(): Promise<CommandEnd> {
    return this.outcome;
  }

  /** Kills it and has {@link wait} fail with this error. */
  async end(why: SandformError): Promise<void> {
    this.failure ??= why;
    const timer = setTimeout(() => this.abandon(why), KILL_TIMEOUT);
    try {
      await this.kill('SIGKILL');
      await this.outcome;
    } catch {
      // Whether the guest is out of reach or the command has ended by now: `why` is what the caller has to know
    } finally {
      clearTimeout(timer);
    }
  }

  /** Has {@link wait} fail with this error, as nothing can be learnt of the command any more. */
  abandon(why: SandformError): void {
    this.failure = why;
    this.giveUp(why);
    this.wake();
  }

  private async follow(): Promise<CommandEnd> {
    const { outputs } = this.options;
    const files = [new OutputFile(this.options.calls, outputs.stdout, this.stdout), new OutputFile(this.options.calls, outputs.stderr, this.stderr)];
    try {
      let end: AgentStatus | undefined;
      let failures = 0;
      for (let pause = SHORTEST; ; pause = Math.min(pause * 1.5, LONGEST)) {
        let more = 0;
        try {
          // Asked before the output is read: what was written before the end is then all there. The agent tells of an end once.
          end ??= await this.ending();
          for (const file of files) more += await file.pass();
          failures = 0;
        } catch (error) {
          failures += 1;
          await this.mayPass(error, failures);
        }
        if (this.failure) throw this.failure;
        if (end && more === 0 && failures === 0) return this.ended(end);
        if (more === 0) await this.sleep(pause);
      }
    } finally {
      for (const file of files) await file.close();
    }
  }

  /** An agent may be silent for a while, on a busy host or right after a restore. */
  private async mayPass(error: unknown, failures: number): Promise<void> {
    const { doing, outage } = this.options;
    const failure = this.failure ?? (await outage()) ?? SandformError.from(error, doing);
    if (failure.code !== 'GUEST_UNREACHABLE') throw failure;
    if (failures >= MOST_FAILURES) throw new SandformError('COMMAND_LOST', { doing, given: failure.given, cause: failure });
  }

  private async ending(): Promise<AgentStatus | undefined> {
    const status = await this.options.calls.status(this.options.pid);
    return status.exited ? status : undefined;
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private ended({ exitcode, signal }: AgentStatus): CommandEnd {
    return {
      command: this.command,
      exitCode: signal === undefined ? (exitcode ?? 0) : null,
      signal: signal === undefined ? null : (SIGNAL_NAMES.get(signal) ?? 'SIGUNKNOWN'),
      stdoutBytes: this.stdout.bytes,
      stderrBytes: this.stderr.bytes,
      duration: Math.round(performance.now() - this.options.startedAt),
    };
  }
}

/** A file of the guest that grows, and the stream that it is handed on to. */
class OutputFile {
  private handle: number | undefined;

  constructor(
    private readonly calls: AgentCalls,
    private readonly path: string,
    private readonly stream: FileOutput,
  ) {}

  /** Hands on what the file has got since, as far as the reader takes it. Says how many bytes that was. */
  async pass(): Promise<number> {
    this.handle ??= await this.open();
    if (this.handle === undefined) return 0;
    await this.stream.wanted;
    const chunk = await this.calls.read(this.handle, CHUNK);
    if (chunk.length > 0) this.stream.give(chunk);
    return chunk.length;
  }

  async close(): Promise<void> {
    this.stream.push(null);
    if (this.handle !== undefined) await this.calls.close(this.handle).catch(() => undefined);
  }

  /** Undefined as long as the guest has not come to make it. */
  private async open(): Promise<number | undefined> {
    try {
      return await this.calls.open(this.path, 'r');
    } catch (error) {
      if (SandformError.is(error) && error.code === 'LIBVIRT_FAILED') return undefined;
      throw error;
    }
  }
}

/** A stream that says when its reader wants more. */
class FileOutput extends Readable {
  bytes = 0;
  wanted: Promise<void> = Promise.resolve();
  private want: () => void = () => undefined;

  give(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.destroyed || this.push(chunk)) return;
    this.wanted = new Promise((resolve) => (this.want = resolve));
  }

  override _read(): void {
    this.want();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.want();
    done(error);
  }
}

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
