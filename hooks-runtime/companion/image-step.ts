import { BaseVolumes } from '../images';
import type { Step } from './step';

/** The image is in the pool. Nothing to undo: base volumes are shared, and pruned when nothing refers to them. */
export const bringImage: Step<'image'> = async ({ connection, signal, tell }, { image }) => {
  const bases = await BaseVolumes.open(connection);
  await bases.ensure(image, { signal, onProgress: tell });
  return undefined;
};
