import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until';

const ROOT = '/sys/fs/cgroup';

/**
 * Removes a control group and all below it from every hierarchy, version 1 and 2. They outlive the processes that were
 * in them: libvirt makes one for each guest, and removes it only when it lives to see the guest's end.
 *
 * The kernel lets go of a group a moment after its last process ended.
 */
export async function removeControlGroup(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, name);
    const removed = await until(() => !existsSync(group) || removeDeepestFirst(group), { milliseconds: 5000 });
    if (!removed) rmdirSync(group);
  }
}

function hierarchies(): string[] {
  return existsSync(ROOT) ? [ROOT, ...subfolders(ROOT)] : [];
}

function removeDeepestFirst(group: string): boolean {
  const empty = subfolders(group).every(removeDeepestFirst);
  if (!empty) return false;
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []));
}
