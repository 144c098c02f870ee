import { finishInterrupted, listRuns, runsFolder } from '../record';
import type { ReapItem } from './reap-item';
import { choosesSandboxes, type ReapSelection } from './selection';

/** Records of runs that were killed: they get their end. The records themselves stay. */
export async function runItems(selection: ReapSelection, folder = runsFolder()): Promise<ReapItem[]> {
  if (choosesSandboxes(selection)) return [];
  const { runs } = await listRuns(folder);
  return runs
    .filter(({ run }) => run.status === 'interrupted' && run.endedAt === undefined)
    .filter(({ run }) => selection.stack === undefined || run.address.startsWith(`${selection.stack}/`))
    .map((record) => ({
      kind: 'run',
      name: record.run.id,
      remove: async () => {
        await finishInterrupted(record);
      },
    }));
}
