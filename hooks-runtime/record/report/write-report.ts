import { SandformError, messageOf } from '../../../lib/errors';
import { writeAtomically } from '../atomic-file';
import type { RunRecord } from '../run-record';
import { page } from './page';
import { reportContent } from './report-content';

/**
 * Writes report.html: one self-contained file that opens offline and runs no script.
 * @returns its path
 * @throws SandformError `RECORD_UNREADABLE`, `RECORD_UNWRITABLE`
 */
export async function writeReport(record: RunRecord): Promise<string> {
  const doing = `writing the report ${record.report}`;
  const content = await reportContent(record).catch((error: unknown) => {
    throw new SandformError('RECORD_UNREADABLE', { doing, given: messageOf(error), cause: error });
  });
  try {
    writeAtomically(record.report, page(content));
  } catch (error) {
    throw new SandformError('RECORD_UNWRITABLE', { doing, given: messageOf(error), cause: error });
  }
  return record.report;
}
