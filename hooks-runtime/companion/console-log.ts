import { consoleLogName } from '../../lib/naming';
import { SandformPool } from '../images';
import type { LibvirtConnection } from '../libvirt';
import type { Undo } from './step';

/** There is a volume for what the console of a domain will print, so that it can be read through libvirt. */
export async function keepConsole(connection: LibvirtConnection, domain: string): Promise<Undo> {
  const pool = await SandformPool.ensure(connection);
  const name = consoleLogName(domain);
  if ((await pool.findVolume(name)) !== undefined) return () => Promise.resolve();
  await pool.mark(name);
  return () => pool.remove(name);
}

/** Nothing is left of what the console of a domain printed, nor of a dump of its memory that was broken off. */
export async function dropConsole(connection: LibvirtConnection, domain: string): Promise<void> {
  const pool = await SandformPool.find(connection);
  if (pool === undefined) return;
  // The log daemon may have begun other files, which libvirt's pool does not know yet.
  await pool.refresh();
  for (const own of await pool.volumes()) if ((own.kind === 'console' || own.kind === 'memory') && own.domain === domain) await pool.remove(own.volume.name);
}
