import { Subnet } from '../network';
import { METADATA } from '../spec';
import { metadataText } from './metadata-element';
import { type XmlElement, childOf, childrenOf, parseXml } from './xml-element';

/** What the runtime wants to know of a network. Absent where the XML does not tell. */
export interface NetworkXmlReading {
  /** Its interface on the host. */
  readonly bridge: string | undefined;
  /** The IPv4 ranges that it uses: its own and those it routes. */
  readonly subnets: readonly Subnet[];
  /** JSON of our metadata element, not yet checked. */
  readonly identity: string | undefined;
}

/** Reads libvirt's network XML; undefined for what is none. */
export function readNetworkXml(xml: string): NetworkXmlReading | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'network') return undefined;
  return {
    bridge: childOf(root, 'bridge')?.attributes['name'],
    subnets: [...childrenOf(root, 'ip'), ...childrenOf(root, 'route')].flatMap((range) => subnetOf(range) ?? []),
    identity: metadataText(childOf(root, 'metadata'), METADATA.network),
  };
}

function subnetOf({ attributes: { address = '', prefix, netmask } }: XmlElement): Subnet | undefined {
  if (prefix !== undefined) return Subnet.around(address, Number(prefix));
  return Subnet.around(address, netmask === undefined ? 32 : Subnet.prefixOf(netmask));
}
