import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import { type ArtifactSummary, type CommandSummary, type HookSummary, type JournalEntry, RECORD_VERSION, RunDocument } from '../../lib/record';
import { parsed } from '../../lib/spec';
import { isAlive } from '../processes';
import { journalEntries } from './journal-reader';
import { RunSummary } from './run-summary';

/** The record of a run, read. That of a run which still goes on shows what there was when it was opened. */
export class RunRecord {
  private constructor(
    readonly folder: string,
    /** Its status is `interrupted` also where nobody has written that yet. */
    readonly run: RunDocument,
    private readonly summary: NonNullable<RunDocument['summary']>,
    /** When the last entry was written, milliseconds since 1970; undefined where the record was finished. */
    readonly lastEntryAt: number | undefined,
  ) {}

  /**
   * Opens the record in a folder.
   * @throws SandformError `RECORD_UNREADABLE`
   */
  static async open(folder: string): Promise<RunRecord> {
    const path = resolve(folder);
    const doing = `reading the run record ${path}`;
    const run = read(path, doing);
    if (run.summary !== undefined) return new RunRecord(path, run, run.summary, undefined);
    const summary = await RunSummary.of(journalEntries(join(path, 'events.ndjson'))).catch((error: unknown) => {
      throw new SandformError('RECORD_UNREADABLE', { doing, given: messageOf(error), cause: error });
    });
    return new RunRecord(path, { ...run, status: statusOf(run) }, summary.toJSON(0), summary.lastAt);
  }

  /** Where report.html lies, once it is written. */
  get report(): string {
    return join(this.folder, 'report.html');
  }

  get hooks(): readonly HookSummary[] {
    return this.summary.hooks;
  }

  get commands(): readonly CommandSummary[] {
    return this.summary.commands;
  }

  get contents(): NonNullable<RunDocument['summary']> {
    return this.summary;
  }

  /** The hook of this name, or undefined. */
  hook(name: string): HookSummary | undefined {
    return this.hooks.find((hook) => hook.name === name);
  }

  /** The files of a kind, or all. */
  artifacts(kind?: string): readonly ArtifactSummary[] {
    return this.summary.artifacts.filter((artifact) => kind === undefined || artifact.kind === kind);
  }

  /** All that happened, in order. Lines that can't be read give undefined. */
  entries(): AsyncGenerator<JournalEntry | undefined> {
    return journalEntries(join(this.folder, 'events.ndjson'));
  }
}

/** Whether the run in a folder still goes on. @throws SandformError `RECORD_UNREADABLE` */
export function isRunning(folder: string): boolean {
  return statusOf(read(folder, `reading the run record ${folder}`)) === 'running';
}

function statusOf({ status, owner }: RunDocument): RunDocument['status'] {
  return status === 'running' && !isAlive(owner) ? 'interrupted' : status;
}

function read(folder: string, doing: string): RunDocument {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  } catch (error) {
    throw new SandformError('RECORD_UNREADABLE', { doing, given: messageOf(error), cause: error });
  }
  const version: unknown = typeof document === 'object' && document !== null && 'schemaVersion' in document ? document.schemaVersion : undefined;
  if (typeof version === 'number' && version !== RECORD_VERSION) {
    throw new SandformError('RECORD_UNREADABLE', { doing, given: `schema version ${version}`, expected: `schema version ${RECORD_VERSION}`, fix: 'read it with the Sandform that wrote it' });
  }
  return parsed(RunDocument, document, 'RECORD_UNREADABLE', doing);
}
