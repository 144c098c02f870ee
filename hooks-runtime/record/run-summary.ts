import type { ArtifactSummary, CommandSummary, HookSummary, JournalEntry, RunDocument } from '../../lib/record';
import { RECORD_LIMITS } from './limits';

type Entry<Type extends JournalEntry['type']> = Extract<JournalEntry, { type: Type }>;

/** What the entries of a journal add up to. The one who writes a record and those who read it later count alike. */
export class RunSummary {
  events = 0;
  /** Lines that are no entries. */
  unreadable = 0;
  /** When the last entry was written, milliseconds since 1970. */
  lastAt: number | undefined;
  readonly artifacts: ArtifactSummary[] = [];
  private readonly hooksByName = new Map<string, HookSummary>();
  private readonly commandsById = new Map<number, CommandSummary>();

  static async of(entries: AsyncIterable<JournalEntry | undefined>): Promise<RunSummary> {
    const summary = new RunSummary();
    for await (const entry of entries) summary.add(entry);
    return summary;
  }

  get hooks(): readonly HookSummary[] {
    return [...this.hooksByName.values()];
  }

  get commands(): readonly CommandSummary[] {
    return [...this.commandsById.values()];
  }

  add(entry: JournalEntry | undefined): void {
    if (entry === undefined) {
      this.unreadable += 1;
      return;
    }
    this.lastAt = entry.at;
    switch (entry.type) {
      case 'event':
        this.events += 1;
        break;
      case 'note':
        break;
      case 'failure':
        this.addFailure(entry);
        break;
      case 'hook-attached':
        this.hook(entry.name).from = entry.from;
        break;
      case 'hook-detached':
        this.endHook(entry);
        break;
      case 'command-started':
        this.startCommand(entry);
        break;
      case 'command-ended':
        this.endCommand(entry);
        break;
      case 'artifact': {
        const { type: _type, ...artifact } = entry;
        this.artifacts.push(artifact);
      }
    }
  }

  /** As run.json holds it. */
  toJSON(dropped: number): NonNullable<RunDocument['summary']> {
    return { events: this.events, dropped, hooks: [...this.hooks], commands: [...this.commands], artifacts: this.artifacts };
  }

  private hook(name: string): HookSummary {
    const known = this.hooksByName.get(name);
    if (known !== undefined) return known;
    const fresh: HookSummary = { name, from: 'unknown', outcome: { status: 'running' }, calls: 0, duration: 0, failures: 0, dropped: 0, errors: [] };
    this.hooksByName.set(name, fresh);
    return fresh;
  }

  private addFailure({ hook: name, at, event, error }: Entry<'failure'>): void {
    const hook = this.hook(name);
    hook.failures += 1;
    hook.outcome = { status: 'failed', code: hook.outcome.code ?? error.code };
    if (hook.errors.length < RECORD_LIMITS.errorsPerHook) hook.errors.push({ at, ...(event === undefined ? {} : { event }), error });
  }

  private endHook({ name, calls, duration, failures, dropped }: Entry<'hook-detached'>): void {
    const hook = this.hook(name);
    Object.assign(hook, { calls, duration, dropped, failures: Math.max(failures, hook.failures) });
    if (hook.outcome.status === 'running') hook.outcome = { status: 'passed' };
  }

  private startCommand({ id, command, source, at, stdout, stderr }: Entry<'command-started'>): void {
    this.commandsById.set(id, {
      id,
      command,
      source,
      startedAt: at,
      ...(stdout === undefined ? {} : { stdout: { file: stdout } }),
      ...(stderr === undefined ? {} : { stderr: { file: stderr } }),
    });
  }

  private endCommand({ id, exitCode, signal, duration, stdoutBytes, stderrBytes, stdoutKept, stderrKept, error }: Entry<'command-ended'>): void {
    const command = this.commandsById.get(id);
    if (command === undefined) return;
    Object.assign(command, { exitCode, signal, duration, ...(error === undefined ? {} : { error }) });
    if (command.stdout !== undefined) Object.assign(command.stdout, { bytes: stdoutBytes, kept: stdoutKept });
    if (command.stderr !== undefined) Object.assign(command.stderr, { bytes: stderrBytes, kept: stderrKept });
  }
}
