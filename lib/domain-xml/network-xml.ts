import type { Subnet } from '../network';
import { METADATA } from '../spec';
import { metadataElement } from './domain-xml';
import { type XmlElement, element, renderXml } from './xml-element';

/** How guests reach beyond their network: not at all, or under the host's address. */
export type NetworkForward = 'isolated' | 'nat';

/** What a sandbox network is. */
export interface NetworkXmlFacts {
  /** libvirt's name. */
  readonly name: string;
  /** Name of the bridge interface, at most 15 characters. */
  readonly bridge: string;
  readonly forward: NetworkForward;
  /** The host takes its first address, guests get the others by DHCP. */
  readonly subnet: Subnet;
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
export function networkElement({ name, bridge, forward, subnet, metadata }: NetworkXmlFacts): XmlElement {
  return element(
    'network',
    {},
    element('name', {}, name),
    element('metadata', {}, metadataElement(METADATA.network, metadata)),
    forward === 'nat' ? element('forward', { mode: 'nat' }) : undefined,
    element('bridge', { name: bridge, stp: 'on', delay: 0 }),
    element(
      'ip',
      { family: 'ipv4', address: subnet.addressAt(1), prefix: subnet.prefix },
      element('dhcp', {}, element('range', { start: subnet.addressAt(2), end: subnet.addressAt(subnet.size - 2) })),
    ),
  );
}
