import { createHash } from 'node:crypto';
import { driverVolumeName } from '../../lib/naming';
import { SandformPool } from '../images';
import { listSandboxes } from '../inventory';
import type { LibvirtConnection } from '../libvirt';
import { HostLock } from '../locking';

/** Whoever lists the sandboxes of a host finds by this that there are some on another driver. @param make makes the first, or one more */
export async function markDriver<Made>(stack: LibvirtConnection, pool: SandformPool, uri: string, make: () => Promise<Made>): Promise<Made> {
  await using _lock = await lockOf(stack, uri);
  await pool.mark(driverVolumeName(uri));
  return await make();
}

/** The mark goes with the last sandbox. */
export async function unmarkDriver(stack: LibvirtConnection, driver: LibvirtConnection): Promise<void> {
  await using _lock = await lockOf(stack, driver.uri);
  const { sandboxes, broken } = await listSandboxes(driver);
  if (sandboxes.length + broken.length > 0) return;
  await (await SandformPool.find(stack))?.remove(driverVolumeName(driver.uri));
}

function lockOf(stack: LibvirtConnection, uri: string): Promise<HostLock> {
  return HostLock.take(stack, `driver-${createHash('sha256').update(uri).digest('hex').slice(0, 12)}`, { doing: `noting sandboxes on ${uri}` });
}
