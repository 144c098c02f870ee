import { SandformError } from '../../lib/errors';
import { isAlive } from '../processes';
import { type Domain, type LibvirtConnection, isLibvirtError } from '../libvirt';
import { containerProcess } from './container-process';
import { LocalDaemon } from './local-daemon';

/**
 * Asks a container's first process to end: by the pipe that systemd and sysvinit have for it, and by SIGTERM, which systemd takes for something
 * harmless. Not by libvirt's own way of choosing, which takes the pipe for there where it is not, and knows no first process where it came up at
 * the same moment as its monitor (libvirt 9.0).
 */
export async function askToEnd(connection: LibvirtConnection, domain: Domain): Promise<void> {
  const doing = `asking domain '${domain.name}' to shut down`;
  const daemon = LocalDaemon.find(connection.uri, doing);
  const { id } = await domain.info();
  await domain.shutdown({ via: 'initctl' }).catch((error: unknown) => {
    if (!isLibvirtError(error) || error.code === 'LIBVIRT_LOST') throw error;
  });
  const first = id === undefined ? undefined : containerProcess(daemon, id);
  if (first === undefined || !isAlive(first.process)) return;
  try {
    process.kill(first.process.pid, 'SIGTERM');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw new SandformError('CONTAINER_HOST', { doing, given: 'a first process that takes no signal', cause });
  }
}
