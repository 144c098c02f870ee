import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { SandformError } from '../../../lib/errors';
import { Duration } from '../../../lib/units';
import { bytesOf } from '../bytes';
import { commandScript, commandText } from '../command-line';
import type { Command, CommandOptions, CommandResult, Commands, StartOptions } from '../commands';
import type { GuestPorts } from '../guest-channel';
import { runToEnd } from '../run-to-end';
import type { AgentCalls } from './agent-calls';
import { AgentCommand } from './agent-command';
import type { AgentReach } from './agent-reach';

/** Milliseconds that a command waits for a guest that is still booting. */
export const REACH_TIMEOUT = 120_000;
/** What libvirt passes on of one question to the agent, with room for its encoding and the rest of it. */
const MOST_INPUT = 2 ** 21;

/** Commands through the guest agent, of POSIX guests: no pseudo-terminals, input only from {@link run} and at most 2 MiB of it. */
export class AgentCommands implements Commands {
  private readonly running = new Set<AgentCommand>();

  constructor(
    private readonly calls: AgentCalls,
    private readonly reach: AgentReach,
    private readonly ports: GuestPorts,
  ) {}

  async run(command: Command, { stdin, ...options }: CommandOptions = {}): Promise<CommandResult> {
    const input = stdin === undefined ? undefined : await inputOf(stdin, this.doing(command));
    return runToEnd({ start: (given, how) => this.begin(given, how ?? {}, input) }, command, options);
  }

  start(command: Command, options: StartOptions = {}): Promise<AgentCommand> {
    return this.begin(command, options, undefined);
  }

  /** Nothing can be learnt of what is under way any more. */
  abandon(why: SandformError): void {
    for (const command of this.running) command.abandon(why);
  }

  private async begin(command: Command, { timeout, cwd, env, signal, pty }: StartOptions, input: Uint8Array | undefined): Promise<AgentCommand> {
    const doing = this.doing(command);
    if (pty) throw new SandformError('GUEST_NO_CHANNEL', { doing, given: 'a pseudo-terminal', expected: 'a guest with an exec port: its agent has no pseudo-terminals' });
    const script = commandScript(command, { cwd, env });
    const limit = timeout === undefined ? undefined : Duration.parse(timeout, doing).timerMilliseconds;
    const startedAt = performance.now();
    await this.reach.ensure({ doing, timeout: Math.min(limit ?? REACH_TIMEOUT, REACH_TIMEOUT), signal });
    const place = `/tmp/.sandform-${randomBytes(16).toString('hex')}`;
    const outputs = { stdout: `${place}.out`, stderr: `${place}.err` };
    // A session of its own can be killed as a whole
    const around = `(umask 077; : >${outputs.stdout}; : >${outputs.stderr}); exec setsid /bin/sh -c "$1" >${outputs.stdout} 2>${outputs.stderr}`;
    const pid = await this.calls.exec('/bin/sh', ['-c', around, 'sh', script], input ?? new Uint8Array());
    const running = new AgentCommand({ doing, command: commandText(command), calls: this.calls, pid, outputs, startedAt, outage: () => this.ports.outage(doing, 'after') });
    this.follow(running, outputs, { doing, limit, startedAt, signal });
    return running;
  }

  private follow(running: AgentCommand, outputs: AgentOutputs, { doing, limit, startedAt, signal }: { doing: string; limit: number | undefined; startedAt: number; signal: AbortSignal | undefined }): void {
    const onTimeout = () => void running.end(new SandformError('COMMAND_TIMEOUT', { doing, given: `still running after ${limit} ms`, details: { timeout: limit } }));
    const onAbort = () => void running.end(new SandformError('INTERRUPTED', { doing, cause: signal?.reason }));
    const timer = limit === undefined ? undefined : setTimeout(onTimeout, Math.max(0, limit - (performance.now() - startedAt)));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    this.running.add(running);
    const over = async () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.running.delete(running);
      await this.calls.exec('/bin/rm', ['-f', outputs.stdout, outputs.stderr]).catch(() => undefined);
    };
    void running.wait().then(over, over);
  }

  private doing(command: Command): string {
    return `${this.ports.address}: running ${JSON.stringify(commandText(command).slice(0, 200))} by the guest agent`;
  }
}

type AgentOutputs = { readonly stdout: string; readonly stderr: string };

async function inputOf(stdin: string | Uint8Array | Readable, doing: string): Promise<Uint8Array> {
  if (!(stdin instanceof Readable)) return within(bytesOf(stdin), doing);
  const chunks: Buffer[] = [];
  for await (const chunk of stdin as AsyncIterable<Uint8Array | string>) {
    chunks.push(bytesOf(chunk));
    within(Buffer.concat(chunks), doing);
  }
  return Buffer.concat(chunks);
}

function within(input: Buffer, doing: string): Buffer {
  if (input.length <= MOST_INPUT) return input;
  throw new SandformError('GUEST_NO_CHANNEL', { doing, given: `more than ${MOST_INPUT} bytes of input`, expected: 'a guest with an exec port, or a file written into the guest before' });
}
