import type { NetworkInput, NicInput, SandboxOwnership } from '../../lib/companion';
import { type FilterXmlFacts, closedFilterXml, filterXml, readNetworkXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { filterUuid } from '../../lib/naming';
import { Subnet } from '../../lib/network';
import type { Egress, Nic } from '../../lib/spec';
import { type LibvirtConnection, unlessMissing } from '../libvirt';
import { resolvedEgress } from './egress-names';
import type { StepContext, Undo } from './step';

/**
 * Each NIC has its filter; one that is new lets nothing pass but DHCP. It knows of its network what it will know when the egress is written: where that
 * is closed, it is the same filter then, which libvirt need not apply anew (half a second).
 */
export async function closeNics({ connection, networkOf }: Pick<StepContext, 'connection' | 'networkOf'>, owner: SandboxOwnership, nics: readonly NicInput[]): Promise<Undo> {
  const made: string[] = [];
  for (const [index, { network, filter, mac, address }] of nics.entries()) {
    if (await isThere(connection, owner, filter, index)) continue;
    const link = (await linkOf(connection, network)) ?? linkToBe(networkOf(network));
    await connection.nwfilters.define(closedFilterXml({ name: filter, uuid: filterUuid(owner, index), mac, address, ...link }));
    made.push(filter);
  }
  return async () => {
    for (const filter of made) await unlessMissing(connection.nwfilters.undefine(filter));
  };
}

/** The filters of a domain's NICs say what its egress says, also while it runs. What this call has written already is not written again. */
export async function openNics({ connection, filters }: Pick<StepContext, 'connection' | 'filters'>, nics: readonly Nic[], owner: SandboxOwnership, egress: Egress | undefined): Promise<void> {
  if (egress === undefined || nics.every(({ filter }) => filter === undefined)) return;
  const resolved = await resolvedEgress(connection, nics, egress, `${owner.stack}/${owner.sandbox}: writing its egress rules`);
  for (const [index, nic] of nics.entries()) {
    if (nic.filter === undefined) continue;
    await isThere(connection, owner, nic.filter, index);
    const xml = filterXml({ name: nic.filter, uuid: filterUuid(owner, index), mac: nic.mac, address: nic.address, ...(await linkOf(connection, nic.network)), egress: resolved });
    if (filters.get(nic.filter) === xml) continue;
    await connection.nwfilters.define(xml);
    filters.set(nic.filter, xml);
  }
}

/** The filters of a domain that is gone. */
export async function dropFilters(connection: LibvirtConnection, owner: SandboxOwnership, nics: readonly NicInput[]): Promise<void> {
  for (const [index, { filter }] of nics.entries()) {
    const found = await connection.nwfilters.find(filter);
    if (found?.uuid === filterUuid(owner, index)) await unlessMissing(connection.nwfilters.undefine(filter));
  }
}

/** @throws SandformError `FILTER_NAME_TAKEN` */
async function isThere(connection: LibvirtConnection, owner: SandboxOwnership, filter: string, index: number): Promise<boolean> {
  const found = await connection.nwfilters.find(filter);
  if (found === undefined || found.uuid === filterUuid(owner, index)) return found !== undefined;
  throw new SandformError('FILTER_NAME_TAKEN', { doing: `${owner.stack}/${owner.sandbox}: looking for network filter '${filter}'`, given: `filter '${filter}' with UUID ${found.uuid}` });
}

type Link = Pick<FilterXmlFacts, 'gateway' | 'onLink' | 'network6' | 'gatewayMac'>;

/** What a network that is there tells of the host on it. */
async function linkOf(connection: LibvirtConnection, name: string): Promise<Link | undefined> {
  const network = await connection.networks.find(name);
  if (network === undefined) return undefined;
  const { address, subnet, network6, mac } = readNetworkXml(await network.xml())?.host ?? {};
  return { gateway: address, onLink: subnet?.toString(), network6, gatewayMac: mac };
}

/** The same of a network that will be: the host takes its first address. */
function linkToBe(network: NetworkInput | undefined): Link {
  if (network === undefined) return {};
  const { name, subnet, network6 } = network;
  return { gateway: subnet && Subnet.parse(subnet, `reading the range of network '${name}'`).addressAt(1), onLink: subnet, network6 };
}
