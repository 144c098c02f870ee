import type { NicInput, SandboxOwnership } from '../../lib/companion';
import { type NetworkHost, networkHostElement, readNetworkXml, renderXml } from '../../lib/domain-xml';
import { identityIn } from '../inventory';
import { dropNames } from './container-names';
import type { LibvirtConnection, Network } from '../libvirt';

/** Networks that are there already keep the addresses of NICs; one that is to come brings them with it. */
export async function keepAddresses(connection: LibvirtConnection, owner: SandboxOwnership, nics: readonly NicInput[]): Promise<void> {
  for (const { network: name, mac, address, name: host } of nics) {
    if (address === undefined) continue;
    const network = await connection.networks.find(name);
    const known = network && (await entriesOf(network, owner));
    if (network === undefined || known === undefined || known.some((entry) => entry.mac === mac && entry.address === address)) continue;
    // Another one of this NIC, or of this address, is from a declaration that has gone.
    for (const entry of known) if (entry.mac === mac || entry.address === address) await network.update('delete', 'dhcp-host', entryXml(entry));
    await network.update('add', 'dhcp-host', entryXml({ mac, address, ...(host === undefined ? {} : { name: host }) }));
  }
}

/** The addresses of NICs are free again. */
export async function dropAddresses(connection: LibvirtConnection, owner: SandboxOwnership, nics: readonly NicInput[]): Promise<void> {
  for (const { network: name, mac } of nics) {
    const network = await connection.networks.find(name);
    const known = network && (await entriesOf(network, owner));
    for (const entry of known ?? []) {
      if (network === undefined || entry.mac !== mac) continue;
      await network.update('delete', 'dhcp-host', entryXml(entry));
      await dropNames(network, entry.address);
    }
  }
}

/** Undefined for a network of another app, which is never changed. */
async function entriesOf(network: Network, { app }: SandboxOwnership): Promise<readonly { mac: string; address: string }[] | undefined> {
  const read = readNetworkXml(await network.xml());
  const identity = identityIn(read?.identity);
  return typeof identity === 'object' && identity.app === app ? read?.hosts : undefined;
}

function entryXml(entry: NetworkHost): string {
  return renderXml(networkHostElement(entry));
}
