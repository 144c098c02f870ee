import { removeContainer } from '../containers';
import type { LibvirtConnection } from '../libvirt';
import { removeMachine } from '../machines';
import { releaseDomain } from '../release';

/** Fine where it is gone already. @param connections of which one knows it; the first is the stack's own */
export async function removeDomain(connections: readonly LibvirtConnection[], uuid: string): Promise<void> {
  const [stack] = connections;
  for (const connection of connections) {
    const domain = await connection.domains.findByUuid(uuid);
    if (domain === undefined) continue;
    if (connection.uri.startsWith('lxc')) return removeContainer(connection, domain);
    if (stack !== undefined && connection !== stack) return removeMachine(connection, stack, domain);
    await releaseDomain(connection, domain);
    await (await connection.domains.findByUuid(uuid))?.undefine();
  }
}

export async function removeNetwork(connection: LibvirtConnection, uuid: string): Promise<void> {
  const network = await connection.networks.getByUuid(uuid);
  const { active, persistent } = await network.info();
  if (active) await network.destroy();
  if (persistent) await network.undefine();
}
