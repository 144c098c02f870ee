import { lookup } from 'node:dns/promises';
import { element, readNetworkXml, renderXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { ipRange, rangeText } from '../../lib/network';
import type { Egress, Nic } from '../../lib/spec';
import type { LibvirtConnection, Network } from '../libvirt';

/**
 * The same egress with addresses in the place of names. The networks' own name servers are told those very addresses, so that
 * the guest reaches what the rule lets it reach.
 * @throws SandformError `EGRESS_NAME_UNKNOWN`
 */
export async function resolvedEgress(connection: LibvirtConnection, nics: readonly Nic[], egress: Egress, doing: string): Promise<Egress> {
  if (egress === 'open') return egress;
  const names = [...new Set(egress.allow.flatMap(({ to }) => (ipRange(to) === undefined ? [to] : [])))];
  const addresses = new Map<string, string>();
  for (const name of names) addresses.set(name, await addressOf(name, doing));
  for (const { network } of nics) await tell(await connection.networks.find(network), addresses);
  return { ...egress, allow: egress.allow.map(({ to, ...what }) => ({ to: addresses.get(to) ?? to, ...what })).map((rule) => ({ ...rule, to: canonical(rule.to) })) };
}

/** One of each name: libvirt's name server takes no more. */
async function addressOf(name: string, doing: string): Promise<string> {
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch (error) {
    throw new SandformError('EGRESS_NAME_UNKNOWN', { doing, given: name, cause: error });
  }
}

function canonical(peer: string): string {
  const range = ipRange(peer);
  return range === undefined ? peer : rangeText(range);
}

async function tell(network: Network | undefined, addresses: ReadonlyMap<string, string>): Promise<void> {
  if (network === undefined) return;
  for (const [name, address] of addresses) {
    const entries = readNetworkXml(await network.xml())?.names ?? [];
    const [old, present] = [entries.find(({ names }) => names.includes(name)), entries.find((entry) => entry.address === address)];
    if (old !== undefined && old.address === address) continue;
    // An address has one entry, with all its names.
    for (const entry of new Set([old, present])) if (entry !== undefined) await network.update('delete', 'dns-host', entryXml(entry));
    const others = old?.names.filter((other) => other !== name) ?? [];
    if (old !== undefined && others.length > 0) await network.update('add', 'dns-host', entryXml({ address: old.address, names: others }));
    await network.update('add', 'dns-host', entryXml({ address, names: [...(present?.names ?? []), name] }));
  }
}

function entryXml({ address, names }: { readonly address: string; readonly names: readonly string[] }): string {
  return renderXml(element('host', { ip: address }, ...names.map((name) => element('hostname', {}, name))));
}
