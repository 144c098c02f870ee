import { type XmlElement, childOf, childrenOf, parseXml, textOf } from '../domain-xml';
import type { SeeContainer } from './declaration';
import { archOf, memoryOf, vcpusOf } from './domain-resources';
import type { SeeFiles } from './files';
import { readMounts, sourceOf, targetOf } from './mounts';
import type { SeeReading } from './reading';

export interface ContainerOptions {
  /** How messages call the template. */
  readonly where: string;
  /** How they call `domain.filesystem` of the context. */
  readonly mountsAt: string;
  /** `domain.filesystem`, as it was written. */
  readonly mounts: unknown;
  readonly files: SeeFiles;
  /** Whether the context configures a network, for which SEE adds a NIC where the template has none. */
  readonly hasNetwork: boolean;
}

/** A template of an LXC domain, in terms of our constructs. */
export interface ContainerTemplate extends Pick<SeeContainer, 'arch' | 'root' | 'init' | 'memory' | 'vcpus' | 'mounts'> {
  /** Of each NIC: the network that the template names. */
  readonly networks: readonly string[];
}

/** Reads a template of an LXC domain. Undefined where it can't be used, which is a mistake then. */
export function readContainerTemplate(xml: string, options: ContainerOptions, reading: SeeReading): ContainerTemplate | undefined {
  const { where, files, hasNetwork } = options;
  const root = parseXml(xml);
  const devices = childOf(root, 'devices');
  const filesystems = childrenOf(devices, 'filesystem');
  const rootFolder = sourceOf(filesystems.find((filesystem) => targetOf(filesystem) === '/'));
  if (root === undefined || rootFolder === undefined) {
    reading.mistake('SEE_INVALID', `${where}: devices/filesystem`, { given: 'none for /', expected: "a filesystem of type 'mount' whose target is /", fix: 'name the folder of the root filesystem' });
    return undefined;
  }
  if (files.look(rootFolder).kind !== 'folder') reading.mistake('IMAGE_MISSING', `${where}: devices/filesystem`, { given: rootFolder, expected: 'a folder with a root filesystem', fix: 'correct the path' });
  reading.note('otherwise', `${where}: devices/filesystem`, `${rootFolder} is copied, and what the container writes is gone with it; its users are nobody on the host`);
  tellLeftOut(root, devices, where, reading);
  const os = childOf(root, 'os');
  const nics = childrenOf(devices, 'interface').filter(({ attributes }) => attributes['type'] === 'network');
  const named = nics.map((nic) => childOf(nic, 'source')?.attributes['network'] ?? '');
  return {
    root: files.absolute(rootFolder),
    init: [textOf(childOf(os, 'init')).trim() || '/sbin/init', ...childrenOf(os, 'initarg').map((argument) => textOf(argument).trim())],
    ...{ arch: archOf(os, where, reading), memory: memoryOf(root, where, reading), vcpus: vcpusOf(root, where, reading) },
    mounts: readMounts(filesystems.filter((filesystem) => targetOf(filesystem) !== '/'), options, reading),
    networks: named.length === 0 && hasNetwork ? [''] : named,
  };
}

const OWN: ReadonlySet<string> = new Set(['name', 'uuid', 'memory', 'currentMemory', 'vcpu', 'os', 'devices', 'on_poweroff', 'on_reboot', 'on_crash', 'clock']);
const OWN_DEVICES: ReadonlySet<string> = new Set(['filesystem', 'interface', 'console', 'emulator']);
const OWN_OS: ReadonlySet<string> = new Set(['type', 'init', 'initarg']);
const OWN_NIC: ReadonlySet<string> = new Set(['source', 'mac', 'model', 'target', 'alias', 'address']);

/** What the description of a container has no place for. */
function tellLeftOut(root: XmlElement, devices: XmlElement | undefined, where: string, reading: SeeReading): void {
  const omit = (parent: XmlElement | undefined, own: ReadonlySet<string>, prefix: string, text: string): void => {
    const names = new Set((parent?.children ?? []).flatMap((child) => (typeof child === 'object' && !own.has(child.name) ? [child.name] : [])));
    for (const name of names) reading.note('omitted', `${where}: ${prefix}${name}`, text);
  };
  omit(root, OWN, '', 'left out: containers have what Sandform gives them, and users of their own');
  omit(childOf(root, 'os'), OWN_OS, 'os/', 'left out: the first process begins as libvirt has it');
  omit(devices, OWN_DEVICES, 'devices/', 'left out: containers have a root filesystem, mounts, NICs and a console');
  for (const name of Object.keys(childOf(root, 'vcpu')?.attributes ?? {}).filter((attribute) => attribute !== 'placement')) reading.note('omitted', `${where}: vcpu/${name}`, 'left out: containers get processor time, not processors');
  for (const [index, nic] of childrenOf(devices, 'interface').entries()) {
    const place = `devices/interface[${index + 1}]`;
    const { type = '' } = nic.attributes;
    if (type !== 'network') reading.mistake('SEE_HOST_REACH', `${where}: devices/interface`, { given: `a NIC of type '${type}', on which no egress rules hold`, fix: 'put it on a libvirt network' });
    if (childOf(nic, 'mac') !== undefined) reading.note('otherwise', `${where}: ${place}/mac`, 'each sandbox has a MAC address of its own');
    omit(nic, OWN_NIC, `${place}/`, 'left out: its addresses are those that the network keeps for it');
  }
}
