import { setTimeout as delay } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import { isAlive, type ProcessIdentity } from './process-identity';

const POLL_MS = 25;
const KILLED_WITHIN_MS = 5_000;

/**
 * Ends exactly this process: SIGTERM, and SIGKILL where that is not enough in its time. One that has ended already, or whose
 * id another process has by now, is left alone.
 * @throws SandformError `PROCESS_FAILED`
 */
export async function endProcess(process: ProcessIdentity, { graceMs = 10_000 }: { graceMs?: number } = {}): Promise<void> {
  signal(process, 'SIGTERM');
  if (await ended(process, graceMs)) return;
  signal(process, 'SIGKILL');
  if (await ended(process, KILLED_WITHIN_MS)) return;
  throw new SandformError('PROCESS_FAILED', { doing: `ending process ${process.pid}`, given: 'it still runs after SIGKILL', expected: 'it to end', fix: 'look what it waits for in the kernel' });
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') {
      throw new SandformError('PROCESS_FAILED', { doing: `ending process ${identity.pid}`, given: 'it belongs to another user', expected: 'a process of your own', fix: 'run it as that user or as root', cause: error });
    }
    if (code !== 'ESRCH') throw error;
  }
}

async function ended(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (isAlive(identity)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
}
