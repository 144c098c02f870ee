import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { isRunId } from './run-id';
import { RunRecord } from './run-record';

/** A folder with the name of a run whose record can't be read. */
export interface UnreadableRun {
  readonly folder: string;
  /** `RECORD_UNREADABLE` */
  readonly error: SandformError;
}

/** The runs of a folder, newest first. None where there is no such folder. */
export async function listRuns(root: string): Promise<{ readonly runs: readonly RunRecord[]; readonly unreadable: readonly UnreadableRun[] }> {
  const runs: RunRecord[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const id of runIds(root)) {
    const folder = join(root, id);
    try {
      runs.push(await RunRecord.open(folder));
    } catch (error) {
      unreadable.push({ folder, error: SandformError.from(error, `reading the run record ${folder}`) });
    }
  }
  return { runs, unreadable };
}

/**
 * Finds one run.
 * @param name its id, a beginning of it that no other run shares, `latest`, or the path of its folder
 * @throws SandformError `RUN_NOT_FOUND`, `RECORD_UNREADABLE`
 */
export async function findRun(root: string, name: string): Promise<RunRecord> {
  if (name.includes('/')) {
    if (existsSync(join(name, 'run.json'))) return RunRecord.open(name);
    throw new SandformError('RUN_NOT_FOUND', { doing: 'looking for a run', given: name, expected: 'a folder with a run.json' });
  }
  const ids = runIds(root);
  const matches = name === 'latest' ? ids.slice(0, 1) : ids.includes(name) ? [name] : ids.filter((id) => name !== '' && id.startsWith(name));
  const [match, ...others] = matches;
  if (match !== undefined && others.length === 0) return RunRecord.open(join(root, match));
  throw new SandformError('RUN_NOT_FOUND', {
    doing: `looking for a run in ${root}`,
    given: name,
    ...(others.length > 0 ? { expected: `one of ${matches.slice(0, 5).join(', ')}` } : {}),
  });
}

/** Newest first: the names begin with the time. */
function runIds(root: string): string[] {
  try {
    return readdirSync(root).filter(isRunId).sort().reverse();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new SandformError('RECORD_UNREADABLE', { doing: `listing the runs in ${root}`, cause: error });
  }
}
