import { type XmlElement, childOf, childrenOf, parseXml } from '../domain-xml';
import type { SeeVirtualBox } from './declaration';
import { archOf, memoryOf, vcpusOf } from './domain-resources';
import type { SeeReading } from './reading';

/** A template of a VirtualBox domain, in terms of our constructs. */
export interface VirtualBoxTemplate extends Pick<SeeVirtualBox, 'arch' | 'memory' | 'vcpus' | 'display'> {
  /** Of each NIC: VirtualBox's own network that the template names. */
  readonly networks: readonly string[];
}

/** Reads a template of a VirtualBox domain. @param where how messages call it */
export function readVirtualBoxTemplate(xml: string, where: string, reading: SeeReading): VirtualBoxTemplate {
  const root = parseXml(xml) ?? { name: 'domain', attributes: {}, children: [] };
  const devices = childOf(root, 'devices');
  tellLeftOut(root, where, reading);
  const nics = childrenOf(devices, 'interface');
  for (const { attributes } of nics.filter((nic) => nic.attributes['type'] !== 'network')) {
    reading.mistake('SEE_HOST_REACH', `${where}: devices/interface`, { given: `a NIC of type '${attributes['type'] ?? ''}'`, expected: "NICs on networks of VirtualBox's own", fix: "make it <interface type='network'> on a host-only network of VirtualBox" });
  }
  return {
    ...{ arch: archOf(childOf(root, 'os'), where, reading), memory: memoryOf(root, where, reading), vcpus: vcpusOf(root, where, reading) },
    display: childOf(devices, 'graphics') !== undefined,
    networks: nics.filter(({ attributes }) => attributes['type'] === 'network').map((nic) => childOf(nic, 'source')?.attributes['network'] ?? ''),
  };
}

/** What every machine of ours has anyway, or what a prop says. */
const OWN: ReadonlySet<string> = new Set(['name', 'uuid', 'metadata', 'memory', 'currentMemory', 'vcpu', 'os', 'features', 'clock', 'on_poweroff', 'on_reboot', 'on_crash', 'devices']);
const OWN_DEVICES: ReadonlySet<string> = new Set(['disk', 'interface', 'graphics', 'video', 'serial', 'console', 'controller', 'emulator', 'input']);

function tellLeftOut(root: XmlElement, where: string, reading: SeeReading): void {
  const omit = (parent: XmlElement | undefined, own: ReadonlySet<string>, prefix: string): void => {
    const names = new Set((parent?.children ?? []).flatMap((child) => (typeof child === 'object' && !own.has(child.name) ? [child.name] : [])));
    for (const name of names) reading.note('omitted', `${where}: ${prefix}${name}`, 'left out: machines of VirtualBox have what Sandform gives them');
  };
  omit(root, OWN, '');
  omit(childOf(root, 'devices'), OWN_DEVICES, 'devices/');
  const [, ...more] = childrenOf(childOf(root, 'devices'), 'disk');
  for (const [index] of more.entries()) reading.note('omitted', `${where}: devices/disk[${index + 2}]`, 'left out: the machine has the disk of the image; an imported stack may add others');
  for (const [index, nic] of childrenOf(childOf(root, 'devices'), 'interface').entries()) {
    if (childOf(nic, 'mac') !== undefined) reading.note('otherwise', `${where}: devices/interface[${index + 1}]/mac`, 'each sandbox has a MAC address of its own');
    if (childOf(nic, 'model') !== undefined) reading.note('otherwise', `${where}: devices/interface[${index + 1}]/model`, "Intel's PRO/1000 MT, for which all systems have a driver");
  }
}
