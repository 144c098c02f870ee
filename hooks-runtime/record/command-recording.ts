import type { SandformError } from '../../lib/errors';
import type { JournalEntry } from '../../lib/record';
import type { GrowingArtifact } from './artifact-store';

/** How a recorded command ended. Byte counts are needed only where the output was not recorded. `duration` in milliseconds. */
export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly duration: number;
  readonly stdoutBytes?: number;
  readonly stderrBytes?: number;
  /** Why it has no end of its own. */
  readonly error?: SandformError;
}

interface Journal {
  attempt(write: () => void): void;
  append(entry: JournalEntry): void;
}

/** Records one command: its output as it comes, and its end. */
export class CommandRecording {
  private ended = false;

  constructor(
    readonly id: number,
    private readonly outputs: { readonly stdout: GrowingArtifact; readonly stderr: GrowingArtifact } | undefined,
    private readonly journal: Journal,
  ) {}

  /** Where the output goes: paths in the record's folder. */
  get files(): { stdout?: string; stderr?: string } {
    return this.outputs === undefined ? {} : { stdout: this.outputs.stdout.file, stderr: this.outputs.stderr.file };
  }

  stdout(chunk: Uint8Array): void {
    this.journal.attempt(() => this.outputs?.stdout.write(chunk));
  }

  stderr(chunk: Uint8Array): void {
    this.journal.attempt(() => this.outputs?.stderr.write(chunk));
  }

  /** Only the first end counts. */
  end({ exitCode, signal, duration, stdoutBytes = 0, stderrBytes = 0, error }: CommandOutcome): void {
    if (this.ended) return;
    this.ended = true;
    const { stdout, stderr } = this.outputs ?? {};
    this.journal.attempt(() => {
      stdout?.[Symbol.dispose]();
      stderr?.[Symbol.dispose]();
    });
    this.journal.append({
      type: 'command-ended',
      at: Date.now(),
      id: this.id,
      exitCode,
      signal,
      duration,
      stdoutBytes: stdout?.bytes ?? stdoutBytes,
      stderrBytes: stderr?.bytes ?? stderrBytes,
      stdoutKept: stdout?.kept ?? 0,
      stderrKept: stderr?.kept ?? 0,
      ...(error === undefined ? {} : { error: error.toJSON() }),
    });
  }
}
