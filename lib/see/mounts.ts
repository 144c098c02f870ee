import { type XmlElement, childOf } from '../domain-xml';
import type { ContainerOptions } from './container-template';
import { Mount } from './context-document';
import type { MountDeclaration } from './declaration';
import type { SeeReading } from './reading';

/** Folders of the host that a container sees: those of its template, then those of the context. */
export function readMounts(filesystems: readonly XmlElement[], options: ContainerOptions, reading: SeeReading): MountDeclaration[] {
  const found = [...templateMounts(filesystems, options, reading), ...contextMounts(options, reading)];
  return found.map(({ place, mount }, index) => {
    const { target } = mount;
    const isUsable = target.startsWith('/') && !target.split('/').includes('..') && !/^\/(dev|proc|sys)?\/*$/.test(target);
    if (!isUsable) reading.mistake('SEE_INVALID', place, { given: target || 'no target', expected: "an absolute path without '..', other than /, /dev, /proc and /sys" });
    else if (found.findIndex((other) => other.mount.target === target) < index) reading.mistake('SEE_INVALID', place, { given: `${target}, where something else is mounted`, expected: 'a place of its own' });
    return mount;
  });
}

/** The folder of a filesystem that is one. */
export function sourceOf(filesystem: XmlElement | undefined): string | undefined {
  return (filesystem?.attributes['type'] ?? 'mount') === 'mount' ? childOf(filesystem, 'source')?.attributes['dir'] : undefined;
}

export function targetOf(filesystem: XmlElement): string {
  return childOf(filesystem, 'target')?.attributes['dir'] ?? '';
}

interface Found {
  readonly place: string;
  readonly mount: MountDeclaration;
}

function templateMounts(filesystems: readonly XmlElement[], { where, files }: ContainerOptions, reading: SeeReading): Found[] {
  return filesystems.flatMap((filesystem): Found[] => {
    const [source, target] = [sourceOf(filesystem), targetOf(filesystem)];
    const place = `${where}: devices/filesystem (${target})`;
    if (source === undefined) {
      reading.note('omitted', place, `left out: a filesystem of type '${filesystem.attributes['type'] ?? ''}'`);
      return [];
    }
    if (files.look(source).kind === 'missing') reading.mistake('SEE_INVALID', place, { given: files.absolute(source), expected: 'a folder of the host', fix: 'correct the path' });
    const readonly = childOf(filesystem, 'readonly') !== undefined;
    reading.note('attention', place, `the container sees ${source} of the host${readonly ? '' : ', and may write there what anybody may: its users are nobody on the host'}`);
    return [{ place, mount: { source: files.absolute(source), target, readonly, isPerSandbox: false } }];
  });
}

/** Each sandbox gets a folder of its own below the one that is named. */
function contextMounts({ mounts, mountsAt, files }: ContainerOptions, reading: SeeReading): Found[] {
  const list: readonly unknown[] = mounts === undefined ? [] : Array.isArray(mounts) ? mounts : [mounts];
  return list.flatMap((given, index): Found[] => {
    const place = Array.isArray(mounts) ? `${mountsAt}.${index}` : mountsAt;
    const mount = reading.read(Mount, given, place);
    if (mount === undefined) return [];
    const { source_path: source, target_path: target } = mount;
    if (files.look(source).kind === 'file') reading.mistake('SEE_INVALID', place, { given: `${files.absolute(source)}, a file`, expected: 'a folder, or none yet' });
    reading.note('otherwise', place, `a folder below ${source} is made for the sandbox and removed with it, which SEE forgot; of a stack, you make ${source}/STACK, writable for the container`);
    return [{ place, mount: { source: files.absolute(source), target, readonly: false, isPerSandbox: true } }];
  });
}
