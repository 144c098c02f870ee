import { type XmlElement, childOf, childrenOf, parseXml } from '../domain-xml';
import { Subnet, ipRange } from '../network';
import type { NetworkConfiguration } from './context-document';
import type { NetworkDeclaration } from './declaration';
import type { SeeFiles } from './files';
import type { SeeReading } from './reading';

export type OwnNetwork = Exclude<NetworkDeclaration, { readonly existing: string }>;

const FORWARDS: Readonly<Record<string, OwnNetwork['forward']>> = { nat: 'nat', route: 'routed', bridge: 'bridge' };

/** The `network` of a context. Undefined where it can't be used, which is a mistake then. */
export function readNetwork({ configuration, dynamic_address: dynamic }: NetworkConfiguration, where: string, files: SeeFiles, reading: SeeReading): OwnNetwork | undefined {
  const pick = dynamic === undefined ? undefined : pickOf(dynamic, `${where}.dynamic_address`, reading);
  if (configuration === undefined) {
    if (dynamic === undefined) reading.mistake('SEE_INVALID', where, { given: 'neither configuration nor dynamic_address', expected: 'one of them, or both' });
    return pick === undefined ? undefined : { forward: 'nat', pick };
  }
  const xml = files.text(configuration);
  if (xml === undefined) {
    reading.mistake('SEE_INVALID', `${where}.configuration`, { given: files.absolute(configuration), expected: 'a network XML that can be read', fix: 'correct the path, which counts from the working directory as in SEE' });
    return undefined;
  }
  const template = readTemplate(xml, configuration, reading);
  if (template === undefined) return undefined;
  if (dynamic !== undefined && template.subnet !== undefined) {
    reading.mistake('SEE_INVALID', where, { given: `dynamic_address, and an <ip> element in ${configuration}`, expected: 'one of them', fix: 'take one out' });
  }
  if (dynamic !== undefined && template.forward === 'bridge') reading.mistake('SEE_INVALID', where, { given: "dynamic_address on a bridge of the host", expected: 'addresses from whoever gives them there', fix: 'take dynamic_address out' });
  if (pick === undefined && template.subnet === undefined && template.forward !== 'bridge') reading.note('otherwise', configuration, 'has no addresses; a subnet is picked for it, and DHCP gives them out');
  return { ...template, ...(pick === undefined ? {} : { pick }) };
}

function pickOf({ ipv4, prefix, subnet_prefix: size }: NonNullable<NetworkConfiguration['dynamic_address']>, where: string, reading: SeeReading): OwnNetwork['pick'] {
  const bits = typeof prefix === 'number' ? prefix : /^\d{1,2}$/.test(prefix) ? Number(prefix) : Subnet.prefixOf(prefix);
  const range = Subnet.around(ipv4, bits);
  const given = `${ipv4}/${prefix}, subnet_prefix ${size}`;
  if (range === undefined || range.addressAt(0) !== ipv4) {
    reading.mistake('SEE_INVALID', where, { given, expected: 'an IPv4 network and its prefix or netmask, without host bits', ...(range === undefined ? {} : { fix: `write ${range.addressAt(0)}` }) });
    return undefined;
  }
  if (size < bits || size > 29) {
    reading.mistake('SEE_INVALID', `${where}.subnet_prefix`, { given, expected: `from ${bits} to 29`, fix: 'choose a size in between' });
    return undefined;
  }
  return { range: range.toString(), prefix: size };
}

/** Elements of a network XML that are ours to say, and those that are read. */
const READ: ReadonlySet<string> = new Set(['name', 'uuid', 'metadata', 'bridge', 'forward', 'ip', 'mac']);

function readTemplate(xml: string, where: string, reading: SeeReading): OwnNetwork | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'network') {
    reading.mistake('SEE_INVALID', where, { given: root === undefined ? 'no XML' : `<${root.name}>`, expected: 'a libvirt network XML' });
    return undefined;
  }
  const forward = childOf(root, 'forward');
  const mode = forward === undefined ? undefined : (forward.attributes['mode'] ?? 'nat');
  const ours = mode === undefined ? 'isolated' : FORWARDS[mode];
  const bridge = childOf(root, 'bridge')?.attributes['name'];
  if (ours === undefined) reading.mistake('SEE_UNOFFERED', `${where}: forward`, { given: `mode '${mode ?? ''}'`, expected: 'nat, route, bridge, or no forward element', fix: 'choose one of them, or name the existing network in the domain XML' });
  if (ours === 'bridge' && bridge === undefined) reading.mistake('SEE_INVALID', `${where}: bridge`, { given: 'nothing', expected: 'the bridge of the host that mode bridge means' });
  tellLeftOut(root, forward, where, reading);
  const [subnet, ipv6] = [ipv4Of(root, where, reading), ipv6Of(root, where, reading)];
  if (ours === undefined) return undefined;
  return { forward: ours, ...(ours === 'bridge' && bridge !== undefined ? { bridge } : {}), ...(subnet === undefined ? {} : { subnet }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

function tellLeftOut(root: XmlElement, forward: XmlElement | undefined, where: string, reading: SeeReading): void {
  const names = root.children.flatMap((child) => (typeof child === 'object' && !READ.has(child.name) ? [child.name] : []));
  for (const name of new Set(names)) reading.note('omitted', `${where}: ${name}`, LEFT_OUT[name] ?? 'left out: sandbox networks have nothing like it; make the network yourself and name it in the domain XML where it is needed');
  const { mode: _mode, ...rest } = forward?.attributes ?? {};
  for (const name of [...Object.keys(rest), ...(forward?.children ?? []).flatMap((child) => (typeof child === 'object' ? [child.name] : []))]) reading.note('omitted', `${where}: forward/${name}`, 'left out: the host routes as it does by itself');
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  domain: "left out: names of guests are in the stack's own domain",
  dns: 'left out: the name server asks those of the host, as in SEE by default',
};

function ipv4Of(root: XmlElement, where: string, reading: SeeReading): string | undefined {
  const [first, ...more] = childrenOf(root, 'ip').filter(({ attributes }) => attributes['family'] !== 'ipv6');
  if (first === undefined) return undefined;
  if (more.length > 0) reading.note('omitted', `${where}: ip[2]`, 'left out: a sandbox network has one IPv4 subnet');
  const { address = '', prefix, netmask } = first.attributes;
  const subnet = Subnet.around(address, prefix === undefined ? (netmask === undefined ? -1 : Subnet.prefixOf(netmask)) : Number(prefix));
  if (subnet === undefined || subnet.prefix < 8 || subnet.prefix > 29) {
    reading.mistake('SEE_INVALID', `${where}: ip`, { given: `address '${address}', ${prefix === undefined ? `netmask '${netmask ?? ''}'` : `prefix '${prefix}'`}`, expected: 'an IPv4 address with a prefix from 8 to 29' });
    return undefined;
  }
  if (subnet.addressAt(1) !== address) reading.note('otherwise', `${where}: ip`, `the host has ${subnet.addressAt(1)}, the first address of the subnet, instead of ${address}`);
  const dhcp = childOf(first, 'dhcp');
  if (dhcp === undefined || childrenOf(dhcp, 'range').length > 0) reading.note('otherwise', `${where}: ip/dhcp`, 'DHCP gives each NIC an address that is kept for it, from the whole subnet');
  if (childrenOf(dhcp, 'host').length > 0) reading.note('omitted', `${where}: ip/dhcp/host`, 'left out: sandboxes have MAC addresses of their own, and addresses kept for them');
  return subnet.toString();
}

function ipv6Of(root: XmlElement, where: string, reading: SeeReading): string | undefined {
  const first = childrenOf(root, 'ip').find(({ attributes }) => attributes['family'] === 'ipv6');
  if (first === undefined) return undefined;
  const { address = '', prefix = '64' } = first.attributes;
  const range = ipRange(`${address}/${prefix}`);
  if (range?.family === 'ipv6' && prefix === '64') return `${range.network}/64`;
  reading.mistake('SEE_INVALID', `${where}: ip`, { given: `${address}/${prefix}`, expected: 'an IPv6 network of 64 bits' });
  return undefined;
}
