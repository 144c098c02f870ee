import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const LIVES_MS = 20;
/** Some look for orphans only now and then. */
const REAPED_WITHIN_MS = 8_000;

/**
 * Whether somebody reaps processes whose parents are gone, as an init does. In a container that was started without one nobody may: guests that ended
 * stay as zombies there, and libvirt waits for them in vain.
 */
export async function reapsOrphans(): Promise<boolean> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `sleep ${LIVES_MS / 1000} >/dev/null 2>&1 & echo $!`]);
  await delay(LIVES_MS);
  const end = performance.now() + REAPED_WITHIN_MS;
  while (performance.now() < end) {
    if (!(await isThere(stdout.trim()))) return true;
    await delay(20);
  }
  return false;
}

async function isThere(pid: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'sleep';
  } catch {
    // Its folder goes with it.
    return false;
  }
}
