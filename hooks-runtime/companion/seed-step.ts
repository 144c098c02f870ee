import { Readable } from 'node:stream';
import { seedDisc } from '../../lib/discs';
import { volumeName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { Step } from './step';

/** The seed's volume holds its documents. Nothing to undo: Terraform, which made it, makes it anew. */
export const writeSeed: Step<'seed'> = async ({ connection, signal }, { name, documents }) => {
  const pool = await SandformPool.ensure(connection);
  const volume = await pool.volume(volumeName(name, 'seed', 'iso'));
  await volume.upload(Readable.from([seedDisc(documents)]), { signal });
  return undefined;
};
