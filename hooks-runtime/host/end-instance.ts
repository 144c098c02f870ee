import { SandformError } from '../../lib';
import { childrenOf, isAlive, processIdentity, type ProcessIdentity } from '../processes';
import type { InstanceState } from './instance-state';
import { until } from './until';

const ENDS_BY_ITSELF_WITHIN_MS = 2_000;
const ENDS_WITHIN_MS = 20_000;

/**
 * Ends process 1 rather than its parent, which then ends by itself after the kernel has reaped everything inside. An instance
 * that was caught while it starts may have other children; then the parent is ended as well.
 *
 * @throws SandformError `PROCESS_FAILED` when it still runs after that
 */
export async function endInstance({ name, process: holder }: InstanceState): Promise<void> {
  const inside = new Map<number, ProcessIdentity>();
  const lives = (): boolean => isAlive(holder) || [...inside.values()].some(isAlive);
  const end = (andHolder: boolean): void => {
    for (const pid of childrenOf(holder.pid)) {
      const child = isAlive(holder) ? processIdentity(pid) : undefined;
      if (child) inside.set(pid, child);
    }
    for (const identity of [...inside.values(), ...(andHolder ? [holder] : [])]) if (isAlive(identity)) kill(identity.pid);
  };
  end(false);
  if (await until(() => !lives(), { milliseconds: ENDS_BY_ITSELF_WITHIN_MS })) return;
  end(true);
  if (await until(() => !lives(), { milliseconds: ENDS_WITHIN_MS })) return;
  throw new SandformError('PROCESS_FAILED', { doing: `stopping libvirt '${name}'`, given: `process ${holder.pid} still runs`, expected: 'it to end when killed' });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
