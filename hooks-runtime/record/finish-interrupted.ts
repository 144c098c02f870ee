import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import type { RunDocument } from '../../lib/record';
import { writeAtomically } from './atomic-file';
import { type UnreadableRun, listRuns } from './list-runs';
import { writeReport } from './report';
import { RunRecord } from './run-record';

/**
 * Writes the end of a run that has none because its process was killed: marks it interrupted and writes its report. Does
 * nothing to a run that goes on or was ended. May be done twice.
 * @throws SandformError `RECORD_UNWRITABLE`
 */
export async function finishInterrupted(record: RunRecord): Promise<RunRecord> {
  const { run, folder } = record;
  if (run.status !== 'interrupted' || run.endedAt !== undefined) return record;
  const reason = new SandformError('INTERRUPTED', { doing: `${run.address}: running ${run.id}`, given: 'the process that ran it ended before the run did' });
  const ended: RunDocument = {
    ...run,
    endedAt: new Date(record.lastEntryAt ?? Date.parse(run.startedAt)).toISOString(),
    verdict: { outcome: 'interrupted', reasons: [reason.toJSON()] },
    summary: record.contents,
  };
  try {
    for (const name of readdirSync(folder)) if (name === '.reserve' || name.endsWith('.new')) rmSync(join(folder, name), { force: true });
    writeAtomically(join(folder, 'run.json'), `${JSON.stringify(ended, null, 2)}\n`);
  } catch (error) {
    throw new SandformError('RECORD_UNWRITABLE', { doing: `ending the interrupted run ${folder}`, cause: error });
  }
  const finished = await RunRecord.open(folder);
  await writeReport(finished);
  return finished;
}

/** Ends every interrupted run of a folder, and removes what runs that were killed at their very beginning have left. */
export async function finishInterruptedRuns(root: string): Promise<{ readonly finished: readonly RunRecord[]; readonly unreadable: readonly UnreadableRun[] }> {
  const { runs, unreadable } = await listRuns(root);
  const finished: RunRecord[] = [];
  for (const record of runs) {
    if (record.run.status === 'interrupted' && record.run.endedAt === undefined) finished.push(await finishInterrupted(record));
  }
  removeUnborn(root);
  return { finished, unreadable };
}

/** A record is complete milliseconds after its folder was begun, so what is old and still unborn was killed. */
const LONGEST_BIRTH = 60_000;

function removeUnborn(root: string): void {
  for (const name of namesIn(root)) {
    const path = join(root, name);
    if (!name.startsWith('.new-') || statSync(path).mtimeMs > Date.now() - LONGEST_BIRTH) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
