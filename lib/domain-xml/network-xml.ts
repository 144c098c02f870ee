import type { Subnet } from '../network';
import { METADATA } from '../spec';
import { metadataElement } from './domain-xml';
import { type XmlElement, element, renderXml } from './xml-element';

/**
 * How guests reach beyond their network: not at all; under the host's address; under their own address, by way of the host;
 * as machines on a bridge that the host has already.
 */
export type NetworkForward = 'isolated' | 'nat' | 'routed' | 'bridge';

/** A NIC for which the network keeps an address. */
export interface NetworkHost {
  readonly mac: string;
  readonly address: string;
  /** Under which the network's name server knows it. */
  readonly name?: string;
}

/** What the host itself does on a network of its own. */
export interface NetworkLink {
  /** The host takes its first address, guests get the others by DHCP. */
  readonly subnet: Subnet;
  /** IPv6 network of 64 bits, e.g. `fd12:3456:789a:1::`, in which guests give themselves addresses. */
  readonly network6?: string | undefined;
  /** Whether the name server asks others for names that it does not know. */
  readonly forwardsNames: boolean;
  /** Domain of the names of its guests. */
  readonly domain: string;
  readonly hosts: readonly NetworkHost[];
}

/** What a sandbox network is. */
export interface NetworkXmlFacts {
  /** libvirt's name. */
  readonly name: string;
  /** Name of the bridge interface, at most 15 characters. */
  readonly bridge: string;
  readonly forward: NetworkForward;
  /** Absent on a bridge of the host, where others give addresses. */
  readonly link?: NetworkLink | undefined;
  /** JSON for the metadata element. */
  readonly metadata: string;
}

/**
 * The whole libvirt network XML, in plain ASCII.
 * Format: https://libvirt.org/formatnetwork.html
 */
export function networkXml(facts: NetworkXmlFacts): string {
  return renderXml(networkElement(facts));
}

/** The same as elements. */
export function networkElement({ name, bridge, forward, link, metadata }: NetworkXmlFacts): XmlElement {
  return element(
    'network',
    link?.forwardsNames === false ? { 'xmlns:dnsmasq': DNSMASQ } : {},
    element('name', {}, name),
    element('metadata', {}, metadataElement(METADATA.network, metadata)),
    forward === 'isolated' ? undefined : element('forward', { mode: forward === 'routed' ? 'route' : forward }),
    // With the spanning tree on, the bridge itself would listen to a guest's frames before any filter does.
    element('bridge', forward === 'bridge' ? { name: bridge } : { name: bridge, stp: 'off', delay: 0 }),
    ...(link === undefined ? [] : linkElements(link)),
  );
}

/** One entry of the network's DHCP server, as libvirt also takes it alone. */
export function networkHostElement({ mac, address, name }: NetworkHost): XmlElement {
  return element('host', { mac, name, ip: address });
}

const DNSMASQ = 'http://libvirt.org/schemas/network/dnsmasq/1.0';

function linkElements({ subnet, network6, forwardsNames, domain, hosts }: NetworkLink): (XmlElement | undefined)[] {
  return [
    element('domain', { name: domain, localOnly: 'yes' }),
    element(
      'ip',
      { family: 'ipv4', address: subnet.addressAt(1), prefix: subnet.prefix },
      element('dhcp', {}, element('range', { start: subnet.addressAt(2), end: subnet.addressAt(subnet.size - 2) }), ...hosts.map(networkHostElement)),
    ),
    network6 === undefined ? undefined : element('ip', { family: 'ipv6', address: `${network6}1`, prefix: 64 }),
    // A name server that asks others would carry out whatever a guest puts into a name.
    forwardsNames ? undefined : element('dnsmasq:options', {}, element('dnsmasq:option', { value: 'no-resolv' })),
  ];
}
