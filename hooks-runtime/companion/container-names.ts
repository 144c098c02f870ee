import { element, readNetworkXml, renderXml } from '../../lib/domain-xml';
import type { Nic } from '../../lib/spec';
import type { LibvirtConnection, Network } from '../libvirt';

/** The name servers of its networks know a container, which asks for no lease: by a lease alone they know others. */
export async function nameContainer(connection: LibvirtConnection, nics: readonly Nic[]): Promise<void> {
  for (const { network: name, mac, address } of nics) {
    const network = await connection.networks.find(name);
    const read = readNetworkXml((await network?.xml()) ?? '');
    const host = read?.hosts.find((entry) => entry.mac === mac && entry.address === address);
    if (network === undefined || host?.name === undefined || read?.names.some((entry) => entry.address === host.address)) continue;
    await network.update('add', 'dns-host', entryXml(host.address, [host.name]));
  }
}

/** The name server forgets whatever is called by this address. */
export async function dropNames(network: Network, address: string): Promise<void> {
  for (const { address: known, names } of readNetworkXml(await network.xml())?.names ?? []) if (known === address) await network.update('delete', 'dns-host', entryXml(address, names));
}

function entryXml(address: string, names: readonly string[]): string {
  return renderXml(element('host', { ip: address }, ...names.map((name) => element('hostname', {}, name))));
}
