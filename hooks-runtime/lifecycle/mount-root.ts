import { mountContainer } from '../containers';
import { sandboxOf } from '../inventory';
import type { Domain, LibvirtConnection } from '../libvirt';

/** The root of a container is where its domain looks for it, as it is not after its host was switched off. Nothing to do for others. */
export async function mountRoot(connection: LibvirtConnection, domain: Domain): Promise<void> {
  if (!isContainer(connection)) return;
  const found = await sandboxOf(domain);
  const container = found !== undefined && 'sandbox' in found ? found.sandbox.spec.domain.container : undefined;
  if (container !== undefined) await mountContainer(connection, domain.name, container);
}

/** Whether the domains of a connection are containers. */
export function isContainer({ uri }: LibvirtConnection): boolean {
  return uri.startsWith('lxc');
}
