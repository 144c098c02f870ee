import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';

/** @throws SandformError `DISK_FULL` where the file system of a path has no room for so many more bytes */
export async function refuseWithoutRoom(path: string, bytes: number, doing: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bytes > bavail * bsize) throw new SandformError('DISK_FULL', { doing, given: `${bavail * bsize} bytes free beside ${path}`, expected: `${bytes} bytes`, fix: 'free some space, or name a cache folder elsewhere with SANDFORM_CACHE; `npx sandform images prune` removes images that nothing needs' });
}

/** Whether a write failed because there was no room. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function diskFull(doing: string, error: unknown): SandformError {
  return new SandformError('DISK_FULL', { doing, given: messageOf(error), fix: 'free some space, or name a cache folder elsewhere with SANDFORM_CACHE; `npx sandform images prune` removes images that nothing needs', cause: error });
}
