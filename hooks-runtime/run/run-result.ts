import type { ArtifactSummary, HookSummary, Verdict } from '../../lib/record';
import type { CommandResult } from '../sandbox';
import type { RunRecord } from '../record';

/** What came of a run. */
export interface RunResult {
  readonly verdict: Verdict;
  /** How the run's command ended, and what it wrote; undefined where there was none or it had no end. */
  readonly command: CommandResult | undefined;
  readonly record: RunRecord;
  /** Path of report.html; undefined where it couldn't be written. */
  readonly report: string | undefined;
  /** The hook of this name, or undefined. */
  hook(name: string): HookSummary | undefined;
  /** The files of a kind, or all. */
  artifacts(kind?: string): readonly ArtifactSummary[];
}
