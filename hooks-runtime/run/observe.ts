import type { DurationText } from '../../lib/units';
import type { HookReference } from '../../lib/spec';
import type { Hook, InlineHook } from '../hooks';
import type { Command, CommandOptions, Sandbox } from '../sandbox';
import { Run } from './run';
import type { RunResult } from './run-result';

/** What a run does. The options of a command count for the run's own command. */
export interface ObserveOptions extends Omit<CommandOptions, 'signal'> {
  /** Run beside those that the sandbox declares. */
  readonly hooks?: readonly (Hook | InlineHook | HookReference)[];
  /** Run in the guest once it answers; the run ends with it. */
  readonly command?: Command;
  /**
   * How long the run may last. Without a command, a run whose hooks have nothing that comes to an end lasts so long.
   * @default with a command: until it ends; without: until nothing is left to do, see README
   */
  readonly deadline?: DurationText;
  /** Ends the run, in order, as `interrupted`. */
  readonly signal?: AbortSignal;
  /** Folder of the run records. @default runsFolder() */
  readonly runs?: string;
  /** Where declared hooks are loaded from. @default the nearest folder upwards with a cdktf.json */
  readonly projectFolder?: string;
}

/**
 * Observes a sandbox once: attaches the hooks, powers it on if it is off, runs the command or waits for the hooks to be done,
 * powers it off again if this run powered it on, detaches the hooks, and writes record and report.
 *
 * What goes wrong on the way is in the verdict.
 * @throws SandformError `RECORD_UNWRITABLE` where no record could be begun, `DURATION_INVALID`
 */
export async function observe(sandbox: Sandbox, options: ObserveOptions = {}): Promise<RunResult> {
  await using run = Run.start(sandbox, options);
  return await run.finished;
}
