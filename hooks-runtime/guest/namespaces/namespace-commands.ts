import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { SandformError } from '../../../lib/errors';
import { Duration } from '../../../lib/units';
import { keepFilesToOneself, openPseudoTerminal } from '../../libvirt';
import { commandScript, commandText } from '../command-line';
import type { Command, CommandOptions, CommandResult, Commands, RunningCommand, StartOptions, Terminal } from '../commands';
import type { GuestPorts } from '../guest-channel';
import { runToEnd } from '../run-to-end';
import type { Entrance } from './entrance';
import { NamespaceCommand } from './namespace-command';

/** What a command finds set; nothing of this process's own environment is its business. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', USER: 'root', container: 'lxc-libvirt' };

/** Commands inside a container, each a process of this machine that has entered it. */
export class NamespaceCommands implements Commands {
  private readonly running = new Set<NamespaceCommand>();

  constructor(
    private readonly enter: (doing: string) => Promise<Entrance>,
    private readonly guest: GuestPorts,
  ) {}

  run(command: Command, options: CommandOptions = {}): Promise<CommandResult> {
    return runToEnd(this, command, options);
  }

  async start(command: Command, { timeout, cwd, env, signal, pty }: StartOptions = {}): Promise<RunningCommand> {
    const text = commandText(command);
    const doing = `${this.guest.address}: running ${JSON.stringify(text.slice(0, 200))}`;
    // Where others begin as well: at home, if there is one.
    const script = `cd 2>/dev/null\n${commandScript(command, { cwd, env })}`;
    const limit = timeout === undefined ? undefined : Duration.parse(timeout, doing).timerMilliseconds;
    if (signal?.aborted) throw interrupted(doing, signal);
    const entrance = await this.enter(doing);
    const [program, ...words] = entrance.inside(['/bin/sh', '-c', script], { terminal: pty !== undefined });
    const started = startedAs(program, words, pty);
    const whyLost = () => this.guest.outage(doing, 'after');
    const running = new NamespaceCommand(started, { doing, command: text, whyLost });
    this.running.add(running);
    const unwatch = watch(running, { doing, limit, signal });
    const over = () => {
      unwatch();
      this.running.delete(running);
    };
    running.wait().then(over, over);
    return running;
  }

  /** What is under way ends with this error. */
  abandon(why: SandformError): void {
    for (const running of this.running) void running.end(why);
  }
}

/** A process that enters, and the terminal that it has. */
export interface StartedProcess {
  readonly child: ReturnType<typeof spawn>;
  readonly terminal: { readonly controller: number; resize(columns: number, rows: number): void } | undefined;
}

/** In a session of its own: what is typed to interrupt this program is not meant for the command. */
function startedAs(program: string, words: readonly string[], pty: Terminal | undefined): StartedProcess {
  keepFilesToOneself();
  if (pty === undefined) return { child: spawn(program, words, { env: ENVIRONMENT, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] }), terminal: undefined };
  const terminal = openPseudoTerminal(pty);
  try {
    const end = terminal.terminal;
    return { child: spawn(program, words, { env: { ...ENVIRONMENT, TERM: pty.term ?? 'xterm-256color' }, cwd: '/', detached: true, stdio: [end, end, end] }), terminal };
  } finally {
    closeSync(terminal.terminal);
  }
}

function watch(running: NamespaceCommand, { doing, limit, signal }: { doing: string; limit: number | undefined; signal: AbortSignal | undefined }): () => void {
  const onTimeout = () => void running.end(new SandformError('COMMAND_TIMEOUT', { doing, given: `still running after ${limit} ms`, details: { timeout: limit } }));
  const onAbort = () => void running.end(interrupted(doing, signal));
  const timer = limit === undefined ? undefined : setTimeout(onTimeout, limit);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
}

function interrupted(doing: string, signal: AbortSignal | undefined): SandformError {
  return new SandformError('INTERRUPTED', { doing, cause: signal?.reason });
}
