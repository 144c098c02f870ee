import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import type { SandboxEvent } from '../../lib/events';
import { type ArtifactSummary, type JournalEntry, RECORD_VERSION, type RunDocument, type Verdict } from '../../lib/record';
import { printable } from '../../lib/text';
import { processIdentity } from '../processes';
import { ArtifactStore, digestOfBytes } from './artifact-store';
import { writeAtomically } from './atomic-file';
import { boundedData } from './bounded-data';
import { CommandRecording } from './command-recording';
import { JournalWriter } from './journal-writer';
import { RECORD_LIMITS, type RecordLimits } from './limits';
import { runId } from './run-id';
import { RunSummary } from './run-summary';

/** What is known of a run when it begins. */
export type RunFacts = Pick<RunDocument, 'address' | 'sandbox' | 'isolation' | 'host' | 'software'> & { readonly command?: string };

/** What `add` made. */
export interface AddedArtifact {
  /** Path in the record's folder. */
  readonly file: string;
  /** The same bytes were kept before under this kind: nothing was written. */
  readonly repeated: boolean;
}

/** What a hook did, told when it is detached. `duration` in milliseconds. */
export interface HookTotals {
  readonly calls: number;
  readonly duration: number;
  readonly dropped: number;
}

/**
 * Writes the record of a run while it goes on: a folder with run.json, events.ndjson and artifacts/. Whatever kills the
 * process, what was recorded before can be read, and a reader sees that the run was interrupted.
 *
 * No method but `create`, `add` and `finish` throws. When the folder can't be written any more, `unwritable` says why and
 * `onUnwritable` is called, once; the rest is dropped.
 */
export class RunRecorder {
  /** What has been recorded so far. */
  readonly summary = new RunSummary();
  /** Called once when the record can't be written any more. */
  onUnwritable: (error: SandformError) => void = () => undefined;
  /** Why the record can't be written any more: `RECORD_UNWRITABLE`. */
  unwritable: SandformError | undefined;
  private dropped = 0;
  private commands = 0;
  private readonly errors = new Map<string, number>();

  private constructor(
    readonly folder: string,
    /** As it was when the run began. */
    readonly run: RunDocument,
    private readonly journal: JournalWriter,
    private readonly store: ArtifactStore,
    private readonly limits: RecordLimits,
  ) {}

  /**
   * Begins a record in a new folder under `root`, which is made if need be, readable by its owner alone.
   * @throws SandformError `RECORD_UNWRITABLE`
   */
  static create(root: string, facts: RunFacts, limits: Partial<RecordLimits> = {}): RunRecorder {
    const startedAt = new Date();
    const id = runId(facts.address, startedAt);
    const run: RunDocument = { schemaVersion: RECORD_VERSION, id, status: 'running', startedAt: startedAt.toISOString(), owner: thisProcess(), ...facts };
    const folder = resolve(root, id);
    const all = { ...RECORD_LIMITS, ...limits };
    try {
      bringIntoBeing(dirname(folder), folder, run);
      return new RunRecorder(folder, run, new JournalWriter(join(folder, 'events.ndjson')), new ArtifactStore(folder, all), all);
    } catch (error) {
      throw unwritableError(folder, error);
    }
  }

  event({ name, source, timestamp, data }: SandboxEvent): void {
    this.appendWithinBudget(source, () => ({ type: 'event', at: timestamp, name, source, data: boundedData(data, this.limits.entry) }));
  }

  note(source: string, text: string): void {
    this.appendWithinBudget(source, () => ({ type: 'note', at: Date.now(), source, text: printable(text, { limit: this.limits.entry }) }));
  }

  /** Something of a hook failed; the first errors of each hook are kept, further ones counted. */
  failure(hook: string, error: SandformError, event?: string): void {
    const count = (this.errors.get(hook) ?? 0) + 1;
    this.errors.set(hook, count);
    if (count > this.limits.errorsPerHook) return;
    this.append({ type: 'failure', at: Date.now(), hook, ...(event === undefined ? {} : { event }), error: error.toJSON() });
  }

  hookAttached(name: string, from: string): void {
    this.append({ type: 'hook-attached', at: Date.now(), name, from });
  }

  hookDetached(name: string, totals: HookTotals): void {
    this.append({ type: 'hook-detached', at: Date.now(), name, ...totals, failures: this.errors.get(name) ?? 0 });
  }

  /**
   * Keeps a file. Bytes that were kept before under the same kind are not kept again.
   * @param kind what it is, e.g. `screenshot`; the file's name is made from it
   * @throws SandformError `HOOK_FLOOD`, `RECORD_UNWRITABLE`
   */
  add(kind: string, bytes: Uint8Array, facts: { readonly mediaType: string; readonly source: string; readonly reason?: string }): AddedArtifact {
    if (this.unwritable !== undefined) throw this.unwritable;
    const digest = digestOfBytes(bytes);
    const known = this.summary.artifacts.find((artifact) => artifact.digest === digest && artifact.kind === kind);
    if (known !== undefined) return { file: known.file, repeated: true };
    const artifact: ArtifactSummary = { file: this.stored(kind, facts.mediaType, bytes), kind, size: bytes.length, digest, at: Date.now(), ...facts };
    this.append({ type: 'artifact', ...artifact });
    return { file: artifact.file, repeated: false };
  }

  /**
   * Keeps a file while it comes, whatever its size; for what doesn't fit into memory.
   * @throws SandformError `HOOK_FLOOD`, `RECORD_UNWRITABLE`; the source's own error
   */
  async keep(kind: string, pieces: AsyncIterable<Uint8Array>, facts: { readonly mediaType: string; readonly source: string; readonly reason?: string }): Promise<AddedArtifact> {
    if (this.unwritable !== undefined) throw this.unwritable;
    const kept = await this.store.keep(kind, facts.mediaType, pieces).catch((error: unknown) => {
      throw isFileError(error) ? this.giveUp(error) : error;
    });
    this.append({ type: 'artifact', ...kept, kind, at: Date.now(), ...facts });
    return { file: kept.file, repeated: false };
  }

  /** Begins to record a command. With `output: false` only how it ends. */
  startCommand(command: string, source: string, { output = true }: { readonly output?: boolean } = {}): CommandRecording {
    this.commands += 1;
    const recording = new CommandRecording(this.commands, output ? this.outputFiles(source) : undefined, {
      attempt: (write) => this.attempt(write),
      append: (entry) => this.append(entry),
    });
    const files = recording.files;
    this.append({ type: 'command-started', at: Date.now(), id: recording.id, command: printable(command, { limit: this.limits.entry }), source, ...files });
    return recording;
  }

  /**
   * Ends the record.
   * @throws SandformError `RECORD_UNWRITABLE`: readers will then take the run for interrupted
   */
  finish(verdict: Verdict): void {
    const status = ({ passed: 'completed', failed: 'failed', interrupted: 'interrupted' } as const)[verdict.outcome];
    const ended: RunDocument = { ...this.run, status, endedAt: new Date().toISOString(), verdict, summary: this.summary.toJSON(this.dropped) };
    this.journal[Symbol.dispose]();
    try {
      rmSync(join(this.folder, RESERVE), { force: true });
      writeAtomically(join(this.folder, 'run.json'), `${JSON.stringify(ended, null, 2)}\n`);
    } catch (error) {
      throw unwritableError(this.folder, error);
    }
  }

  private stored(kind: string, mediaType: string, bytes: Uint8Array): string {
    try {
      return this.store.add(kind, mediaType, bytes);
    } catch (error) {
      if (SandformError.is(error)) throw error;
      throw this.giveUp(error);
    }
  }

  private outputFiles(source: string): { stdout: ReturnType<ArtifactStore['open']>; stderr: ReturnType<ArtifactStore['open']> } | undefined {
    try {
      return { stdout: this.store.open('stdout', 'text/plain'), stderr: this.store.open('stderr', 'text/plain') };
    } catch (error) {
      this.failure(source, SandformError.from(error, 'keeping the output of a command'));
      return undefined;
    }
  }

  /** Events and notes share a budget; what tells of hooks and commands is bounded by their number. */
  private appendWithinBudget(source: string, entry: () => JournalEntry): void {
    if (this.journal.size < this.limits.journal) {
      this.append(entry());
      return;
    }
    this.dropped += 1;
    if (this.dropped === 1) this.failure(source, new SandformError('HOOK_FLOOD', { doing: `recording events of '${source}'`, given: `more than ${this.limits.journal} bytes of events`, expected: `at most ${this.limits.journal} bytes a run` }));
  }

  private append(entry: JournalEntry): void {
    this.summary.add(entry);
    this.attempt(() => this.journal.append(entry));
  }

  private attempt(write: () => void): void {
    if (this.unwritable !== undefined) return;
    try {
      write();
    } catch (error) {
      this.giveUp(error);
    }
  }

  private giveUp(error: unknown): SandformError {
    if (this.unwritable === undefined) {
      this.unwritable = unwritableError(this.folder, error);
      this.onUnwritable(this.unwritable);
    }
    return this.unwritable;
  }
}

/** Room that is given back at the end, so that a run on a full disk can still write down how it ended. */
const RESERVE = '.reserve';
const RESERVED_BYTES = 256 * 2 ** 10;

/** Where processes can't be told apart, no reader takes this one for alive. */
function thisProcess(): RunDocument['owner'] {
  return processIdentity(process.pid) ?? { pid: process.pid, startTime: 'unknown', bootId: 'unknown' };
}

/** Under another name first: a folder with the name of a run always holds a run.json, whatever was killed when. */
function bringIntoBeing(root: string, folder: string, run: RunDocument): void {
  makeFolder(root);
  const unborn = join(root, `.new-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    makeFolder(join(unborn, 'artifacts'));
    writeFileSync(join(unborn, RESERVE), Buffer.alloc(RESERVED_BYTES), { mode: 0o600 });
    writeAtomically(join(unborn, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
    renameSync(unborn, folder);
  } catch (error) {
    rmSync(unborn, { recursive: true, force: true });
    throw error;
  }
}

/** With those above it. Not by mkdir's own `recursive`, which never returns where nothing can be made, such as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (path !== dirname(path)) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The source's own errors are of other calls. */
function isFileError(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'open' || syscall === 'write';
}

function unwritableError(folder: string, error: unknown): SandformError {
  return new SandformError('RECORD_UNWRITABLE', { doing: `writing the run record ${folder}`, given: messageOf(error), cause: error });
}
