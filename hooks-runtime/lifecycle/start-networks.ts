import { readDomainXml, readNetworkXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { identityIn } from '../inventory';
import type { Domain, LibvirtConnection } from '../libvirt';

/**
 * Starts the networks of ours that a domain is on and that are off: after a reboot, or where somebody stopped them. Those of others
 * are left alone.
 * @returns whether any was started
 */
export async function startNetworks(connection: LibvirtConnection, domain: Domain): Promise<boolean> {
  const { interfaces = [] } = readDomainXml(await domain.xml()) ?? {};
  let started = false;
  for (const name of new Set(interfaces.map(({ network }) => network).filter((network) => network !== undefined))) {
    const network = await connection.networks.find(name).catch(noneIfUnsupported);
    if (network === undefined || (await network.info()).active || identityIn(readNetworkXml(await network.xml())?.identity) === undefined) continue;
    await network.create();
    started = true;
  }
  return started;
}

/** Other hypervisors than QEMU and LXC may have no networks of libvirt: why the domain did not start is told then, not that. */
function noneIfUnsupported(error: unknown): undefined {
  if (!SandformError.is(error) || error.code !== 'LIBVIRT_UNSUPPORTED') throw error;
}
