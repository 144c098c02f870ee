import { type XmlElement, childOf, childrenOf, parseXml, textOf } from '../domain-xml';
import { Mount } from './context-document';
import type { ContainerDeclaration, MountDeclaration } from './declaration';
import { memoryOf, vcpusOf } from './domain-resources';
import type { SeeFiles } from './files';
import type { SeeReading } from './reading';

export interface ContainerOptions {
  /** How messages call the template. */
  readonly where: string;
  /** How they call `domain.filesystem` of the context. */
  readonly mountsAt: string;
  /** `domain.filesystem`, as it was written. */
  readonly mounts: unknown;
  readonly files: SeeFiles;
}

/** A template of an LXC domain in terms of our constructs; its NICs' networks beside. Undefined where it can't be used, which is a mistake then. */
export function readContainerTemplate(xml: string, options: ContainerOptions, reading: SeeReading): { readonly container: ContainerDeclaration; readonly networks: readonly string[] } | undefined {
  const { where, files } = options;
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
  const init = [textOf(childOf(os, 'init')).trim() || '/sbin/init', ...childrenOf(os, 'initarg').map((argument) => textOf(argument).trim())];
  const nics = childrenOf(devices, 'interface').filter(({ attributes }) => attributes['type'] === 'network');
  return {
    container: {
      ...{ root: files.absolute(rootFolder), init, memory: memoryOf(root, where, reading), vcpus: vcpusOf(root, where, reading) },
      mounts: [...templateMounts(filesystems, options, reading), ...contextMounts(options, reading)],
    },
    networks: nics.map((nic) => childOf(nic, 'source')?.attributes['network'] ?? ''),
  };
}

function sourceOf(filesystem: XmlElement | undefined): string | undefined {
  return (filesystem?.attributes['type'] ?? 'mount') === 'mount' ? childOf(filesystem, 'source')?.attributes['dir'] : undefined;
}

function targetOf(filesystem: XmlElement): string {
  return childOf(filesystem, 'target')?.attributes['dir'] ?? '';
}

function templateMounts(filesystems: readonly XmlElement[], { where, files }: ContainerOptions, reading: SeeReading): MountDeclaration[] {
  return filesystems.flatMap((filesystem, index): MountDeclaration[] => {
    const [source, target] = [sourceOf(filesystem), targetOf(filesystem)];
    if (target === '/') return [];
    const place = `${where}: devices/filesystem[${index + 1}]`;
    if (source === undefined) {
      reading.note('omitted', place, `left out: a filesystem of type '${filesystem.attributes['type'] ?? ''}'`);
      return [];
    }
    const readonly = childOf(filesystem, 'readonly') !== undefined;
    reading.note('attention', place, `the container sees ${source} of the host${readonly ? '' : ', and may write there'}`);
    return [{ source: files.absolute(source), target, readonly, isPerSandbox: false }];
  });
}

/** Each sandbox gets a folder of its own below the one that is named. */
function contextMounts({ mounts, mountsAt, files }: ContainerOptions, reading: SeeReading): MountDeclaration[] {
  const list: readonly unknown[] = mounts === undefined ? [] : Array.isArray(mounts) ? mounts : [mounts];
  return list.flatMap((given, index): MountDeclaration[] => {
    const mount = reading.read(Mount, given, Array.isArray(mounts) ? `${mountsAt}.${index}` : mountsAt);
    if (mount === undefined) return [];
    reading.note('otherwise', mountsAt, `a folder below ${mount.source_path} is made for the sandbox and removed with it, which SEE forgot`);
    return [{ source: files.absolute(mount.source_path), target: mount.target_path, readonly: false, isPerSandbox: true }];
  });
}

/** What the description of a container has no place for. */
function tellLeftOut(root: XmlElement, devices: XmlElement | undefined, where: string, reading: SeeReading): void {
  const own: ReadonlySet<string> = new Set(['name', 'uuid', 'memory', 'currentMemory', 'vcpu', 'os', 'devices', 'on_poweroff', 'on_reboot', 'on_crash', 'clock']);
  const ownDevices: ReadonlySet<string> = new Set(['filesystem', 'interface', 'console', 'emulator']);
  const names = (parent: XmlElement | undefined) => new Set((parent?.children ?? []).flatMap((child) => (typeof child === 'object' ? [child.name] : [])));
  for (const name of names(root)) if (!own.has(name)) reading.note('omitted', `${where}: ${name}`, 'left out: containers have what Sandform gives them, and users of their own');
  for (const name of names(devices)) if (!ownDevices.has(name)) reading.note('omitted', `${where}: devices/${name}`, 'left out: containers have a root filesystem, mounts, NICs and a console');
  const others = childrenOf(devices, 'interface').filter(({ attributes }) => attributes['type'] !== 'network');
  for (const { attributes } of others) reading.mistake('SEE_HOST_REACH', `${where}: devices/interface`, { given: `a NIC of type '${attributes['type'] ?? ''}', on which no egress rules hold`, fix: 'put it on a libvirt network' });
}
