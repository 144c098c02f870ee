/** What one run may keep: enough for days of ordinary runs, and bounded whatever a guest or a hook does. Bytes unless said otherwise. */
export interface RecordLimits {
  /** All lines about events and notes together. */
  readonly journal: number;
  /** The data of one event, or the text of one note. */
  readonly entry: number;
  /** One file, or one output stream of a command. */
  readonly artifact: number;
  /** All files and outputs together. */
  readonly artifacts: number;
  /** One file that is kept while it comes, such as a dump of memory; these count for themselves. */
  readonly streamed: number;
  /** Number of files and outputs. */
  readonly artifactCount: number;
  /** Number of errors that are kept of each hook; more are counted. */
  readonly errorsPerHook: number;
}

export const RECORD_LIMITS: RecordLimits = { journal: 64 * 2 ** 20, entry: 16 * 2 ** 10, artifact: 64 * 2 ** 20, artifacts: 2 ** 30, streamed: 16 * 2 ** 30, artifactCount: 10_000, errorsPerHook: 100 };
