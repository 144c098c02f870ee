import { LINK_LOCAL, type IpRange, eui64Address, ipRange, rangeText, rangesOverlap } from '../network';
import { type Egress, type EgressRules, type PortRange, type Protocol, CLOSED_EGRESS } from '../spec';
import { type XmlAttributes, type XmlElement, element, renderXml } from './xml-element';

/** One NIC, and what may pass it. Facts that are absent are not known: then the rules that hold the guest to them are wider. */
export interface FilterXmlFacts {
  /** libvirt's name of the filter. */
  readonly name: string;
  readonly uuid: string;
  /** Of the guest: the only one that it may send from. */
  readonly mac: string;
  /** Of the guest, IPv4: the only one that it may send from. */
  readonly address?: string | undefined;
  /** Of the host on the network, IPv4. */
  readonly gateway?: string | undefined;
  /** IPv4 addresses that are reached without the gateway. */
  readonly onLink?: string | undefined;
  /** IPv6 network of 64 bits, in which the guest may send from the address that follows from its MAC. */
  readonly network6?: string | undefined;
  /** MAC address of the host on the network. */
  readonly gatewayMac?: string | undefined;
  /** With ranges only: names were resolved before. */
  readonly egress: Egress;
}

/**
 * A libvirt network filter that lets nothing pass but what it says, for every protocol that a NIC can speak.
 *
 * All rules work on frames: libvirt's rules on IP packets leave IPv6 between guests alone and need a module of the kernel.
 * Frames have no connections, so the answer to what may be sent is told by its addresses and ports.
 * Format: https://libvirt.org/formatnwfilter.html
 */
export function filterXml(facts: FilterXmlFacts): string {
  const { name, uuid, mac, egress } = facts;
  return renderXml(
    element(
      'filter',
      { name, chain: 'root' },
      element('uuid', {}, uuid),
      rule('drop', 'out', FIRST, 'mac', { match: 'no', srcmacaddr: mac }),
      ...(egress === 'open' ? [rule('accept', 'inout', NORMAL, 'mac')] : passes(facts, egress)),
      rule('drop', 'inout', LAST, 'mac'),
    ),
  );
}

/** The filter that holds until somebody says otherwise. */
export function closedFilterXml(facts: Omit<FilterXmlFacts, 'egress'>): string {
  return filterXml({ ...facts, egress: CLOSED_EGRESS });
}

const FIRST = -900;
const BASICS = -500;
const BEFORE_RANGES = -100;
const NORMAL = 0;
const LAST = 1000;

function passes(facts: FilterXmlFacts, { allow, admit, dns }: EgressRules): XmlElement[] {
  const { gateway } = facts;
  const asks: Pass[] = dns && gateway !== undefined ? (['tcp', 'udp'] as const).map((protocol) => ({ range: single(gateway), protocol, port: { from: 53, to: 53 } })) : [];
  const reached = [...asks, ...allow.flatMap(({ to, ...what }) => passesOf(to, what))];
  const admitted = admit.flatMap(({ from, ...what }) => passesOf(from, what));
  return [
    ...dhcp(facts),
    ...theHost(facts, [...reached, ...admitted]),
    ...arp(facts, [...reached, ...admitted].flatMap(({ range }) => (range.family === 'ipv4' ? [range] : []))),
    ...neighbourDiscovery(facts, [...reached, ...admitted].some(({ range }) => range.family === 'ipv6')),
    ...reached.flatMap((pass) => ipRules(facts, pass, 'dst')),
    ...admitted.flatMap((pass) => ipRules(facts, pass, 'src')),
  ];
}

/** One protocol, one range of ports. */
interface Pass {
  readonly range: IpRange;
  readonly protocol?: Protocol;
  readonly port?: PortRange;
}

function passesOf(peer: string, { protocol, ports }: { protocol?: Protocol; ports?: readonly PortRange[] }): Pass[] {
  const range = ipRange(peer);
  if (range === undefined) return [];
  return ports === undefined ? [{ range, ...(protocol && { protocol }) }] : ports.map((port) => ({ range, protocol: protocol ?? 'tcp', port }));
}

/** A lease is asked for by broadcast and from nobody but the network's own server, where that is known. */
function dhcp({ address, gateway }: FilterXmlFacts): XmlElement[] {
  const ask = { protocol: 'udp', srcportstart: 68, dstportstart: 67 };
  const accept = (direction: 'in' | 'out', layer: string, match: XmlAttributes) => rule('accept', direction, BASICS, layer, match);
  return [
    accept('out', 'ip', { ...ask, srcipaddr: '0.0.0.0', dstipaddr: '255.255.255.255' }),
    ...(address === undefined ? [] : ['255.255.255.255', ...(gateway === undefined ? [] : [gateway])].map((to) => accept('out', 'ip', { ...ask, srcipaddr: address, dstipaddr: to }))),
    accept('in', 'ip', { ...(gateway === undefined ? {} : { srcipaddr: gateway }), protocol: 'udp', srcportstart: 67, dstportstart: 68 }),
  ];
}

/** Who holds an address is asked for what is reached on the link; the gateway always, which renews leases. */
function arp({ mac, address, gateway, onLink }: FilterXmlFacts, peers: readonly IpRange[]): XmlElement[] {
  if (address === undefined || gateway === undefined) {
    return peers.length === 0 ? [] : [accept('out', 'arp', { arpsrcmacaddr: mac, ...(address === undefined ? {} : { arpsrcipaddr: address }) }), accept('in', 'arp')];
  }
  const link = ipRange(onLink ?? '0.0.0.0/0');
  const asked = [single(gateway), ...peers.filter((peer) => link !== undefined && rangesOverlap(peer, link))];
  return [...new Map(asked.map((range) => [rangeText(range), range])).values()].flatMap(({ network, prefix }) => [
    accept('out', 'arp', { arpsrcmacaddr: mac, arpsrcipaddr: address, arpdstipaddr: network, arpdstipmask: prefix }),
    accept('in', 'arp', { arpsrcipaddr: network, arpsrcipmask: prefix }),
  ]);
}

/** A range that happens to hold the host's own address does not mean the host: that is reached where a rule names it. */
function theHost({ gateway, network6 }: FilterXmlFacts, passes: readonly Pass[]): XmlElement[] {
  const isNamed = (address: string): boolean => passes.some(({ range }) => range.network === address);
  const hosts = [...(gateway === undefined ? [] : [{ layer: 'ip', address: gateway }]), ...(network6 === undefined ? [] : [{ layer: 'ipv6', address: `${network6}1` }])];
  return hosts
    .filter(({ address }) => !isNamed(address))
    .flatMap(({ layer, address }) => [rule('drop', 'out', BEFORE_RANGES, layer, { dstipaddr: address }), rule('drop', 'in', BEFORE_RANGES, layer, { srcipaddr: address })]);
}

/** What IPv6 takes to reach anything at all. Only the host announces itself as a router. */
function neighbourDiscovery({ mac, network6, gatewayMac }: FilterXmlFacts, isWanted: boolean): XmlElement[] {
  if (!isWanted || network6 === undefined) return [];
  const own = ownAddresses6(network6, mac);
  const accept = (direction: 'in' | 'out', match: XmlAttributes) => rule('accept', direction, BASICS, 'ipv6', match);
  const type = (from: number, to = from) => ({ protocol: 'icmpv6', type: from, typeend: to });
  return [
    ...[...own, '::'].flatMap((srcipaddr) => [accept('out', { srcipaddr, ...type(SOLICIT_ROUTER) }), accept('out', { srcipaddr, ...type(SOLICIT_NEIGHBOUR) })]),
    ...own.map((srcipaddr) => accept('out', { srcipaddr, ...type(ADVERTISE_NEIGHBOUR) })),
    accept('in', type(SOLICIT_NEIGHBOUR, ADVERTISE_NEIGHBOUR)),
    ...(gatewayMac === undefined ? [] : [accept('in', { srcipaddr: eui64Address(LINK_LOCAL, gatewayMac), ...type(ADVERTISE_ROUTER) })]),
  ];
}

/** Types of ICMPv6 messages (RFC 4861). */
const SOLICIT_ROUTER = 133;
const ADVERTISE_ROUTER = 134;
const SOLICIT_NEIGHBOUR = 135;
const ADVERTISE_NEIGHBOUR = 136;

/** There and back. `dst`: the guest reaches the peer's ports; `src`: the peer reaches the guest's. */
function ipRules({ mac, address, network6 }: FilterXmlFacts, { range, protocol, port }: Pass, end: 'dst' | 'src'): XmlElement[] {
  const { family, network, prefix } = range;
  // Without addresses of its own the guest has nothing to send from.
  if (family === 'ipv6' && network6 === undefined) return [];
  const layer = family === 'ipv4' ? 'ip' : 'ipv6';
  const proto = protocol === 'icmp' && family === 'ipv6' ? 'icmpv6' : protocol;
  const ports = (side: 'dst' | 'src') => (port === undefined ? {} : { [`${side}portstart`]: port.from, [`${side}portend`]: port.to });
  const own = family === 'ipv6' ? [eui64Address(network6 ?? '', mac)] : [address];
  return own.flatMap((guest) => [
    accept('out', layer, { ...(guest === undefined ? {} : { srcipaddr: guest }), dstipaddr: network, dstipmask: prefix, protocol: proto, ...ports(end) }),
    accept('in', layer, { srcipaddr: network, srcipmask: prefix, ...(guest === undefined ? {} : { dstipaddr: guest }), protocol: proto, ...ports(end === 'dst' ? 'src' : 'dst') }),
  ]);
}

function ownAddresses6(network6: string, mac: string): string[] {
  return [eui64Address(LINK_LOCAL, mac), eui64Address(network6, mac)];
}

function single(address: string): IpRange {
  return { family: 'ipv4', network: address, prefix: 32 };
}

function accept(direction: 'in' | 'out' | 'inout', layer: string, match: XmlAttributes = {}): XmlElement {
  return rule('accept', direction, NORMAL, layer, match);
}

function rule(action: 'accept' | 'drop', direction: 'in' | 'out' | 'inout', priority: number, layer: string, match: XmlAttributes = {}): XmlElement {
  return element('rule', { action, direction, priority }, element(layer, match));
}
