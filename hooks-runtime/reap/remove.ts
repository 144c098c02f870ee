import type { LibvirtConnection } from '../libvirt';
import { releaseDomain } from '../release';

/** Fine where it is gone already. */
export async function removeDomain(connection: LibvirtConnection, uuid: string): Promise<void> {
  const domain = await connection.domains.findByUuid(uuid);
  if (domain === undefined) return;
  await releaseDomain(connection, domain);
  await (await connection.domains.findByUuid(uuid))?.undefine();
}

export async function removeNetwork(connection: LibvirtConnection, uuid: string): Promise<void> {
  const network = await connection.networks.getByUuid(uuid);
  const { active, persistent } = await network.info();
  if (active) await network.destroy();
  if (persistent) await network.undefine();
}
