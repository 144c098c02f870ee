import { type IpRange, Subnet, ipRange } from '../network';
import { METADATA } from '../spec';
import { metadataText } from './metadata-element';
import { type XmlElement, childOf, childrenOf, parseXml, textOf } from './xml-element';

/** What the runtime wants to know of a network. Absent where the XML does not tell. */
export interface NetworkXmlReading {
  /** Its interface on the host. */
  readonly bridge: string | undefined;
  /** The IPv4 ranges that it uses: its own and those it routes. */
  readonly subnets: readonly Subnet[];
  /** The same for IPv6. */
  readonly ranges6: readonly IpRange[];
  /** The host on it, as far as it gives addresses there. */
  readonly host: { readonly address?: string; readonly subnet?: Subnet; readonly network6?: string; readonly mac?: string };
  /** Entries of its DHCP server that are tied to a MAC address. */
  readonly hosts: readonly { readonly mac: string; readonly address: string; readonly name?: string }[];
  /** Entries of its name server. */
  readonly names: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** JSON of our metadata element, not yet checked. */
  readonly identity: string | undefined;
}

/** Reads libvirt's network XML; undefined for what is none. */
export function readNetworkXml(xml: string): NetworkXmlReading | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'network') return undefined;
  return {
    bridge: childOf(root, 'bridge')?.attributes['name'],
    ranges6: [...childrenOf(root, 'ip'), ...childrenOf(root, 'route')].flatMap((range) => range6Of(range) ?? []),
    host: hostOf(root),
    hosts: childrenOf(root, 'ip').flatMap((ip) => childrenOf(childOf(ip, 'dhcp'), 'host')).flatMap(hostEntry),
    names: childrenOf(childOf(root, 'dns'), 'host').map((host) => ({ address: host.attributes['ip'] ?? '', names: childrenOf(host, 'hostname').map((name) => textOf(name).trim()) })),
    subnets: [...childrenOf(root, 'ip'), ...childrenOf(root, 'route')].flatMap((range) => subnetOf(range) ?? []),
    identity: metadataText(childOf(root, 'metadata'), METADATA.network),
  };
}

function hostEntry({ attributes: { mac, ip, name } }: XmlElement): NetworkXmlReading['hosts'] {
  return mac === undefined || ip === undefined ? [] : [{ mac: mac.toLowerCase(), address: ip, ...(name === undefined ? {} : { name }) }];
}

function subnetOf({ attributes: { address = '', prefix, netmask } }: XmlElement): Subnet | undefined {
  if (prefix !== undefined) return Subnet.around(address, Number(prefix));
  return Subnet.around(address, netmask === undefined ? 32 : Subnet.prefixOf(netmask));
}

function range6Of({ attributes: { address = '', prefix = '128', family } }: XmlElement): IpRange | undefined {
  return family === 'ipv6' ? ipRange(`${address}/${prefix}`) : undefined;
}

function hostOf(root: XmlElement): NetworkXmlReading['host'] {
  const ips = childrenOf(root, 'ip');
  const ip4 = ips.find((ip) => subnetOf(ip) !== undefined);
  const subnet = ip4 && subnetOf(ip4);
  const network6 = ips.flatMap((ip) => range6Of(ip) ?? []).find(({ prefix }) => prefix === 64)?.network;
  const address = ip4?.attributes['address'];
  const mac = childOf(root, 'mac')?.attributes['address'];
  return { ...(address === undefined ? {} : { address }), ...(subnet === undefined ? {} : { subnet }), ...(network6 === undefined ? {} : { network6 }), ...(mac === undefined ? {} : { mac }) };
}
