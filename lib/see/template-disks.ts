import { type XmlElement, childOf, childrenOf } from '../domain-xml';
import type { TemplateOptions } from './domain-template';
import type { SeeReading } from './reading';

/** A disk of the template that has a file, beside the one that gets the image. */
export interface TemplateDisk {
  readonly name: string;
  /** The template's element. */
  readonly xml: XmlElement;
  /** As the template has it. */
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  readonly bus: 'virtio' | 'sata' | 'scsi';
}

/** The disk that gets the image: the first one that is no CD-ROM or floppy, where SEE took the first whatever it was. */
export function rootDiskOf(root: XmlElement): XmlElement | undefined {
  return allDisks(root).find(({ attributes }) => (attributes['device'] ?? 'disk') === 'disk');
}

export function allDisks(root: XmlElement): XmlElement[] {
  return childrenOf(childOf(root, 'devices'), 'disk');
}

export function fileOfDisk(disk: XmlElement): string | undefined {
  const file = childOf(disk, 'source')?.attributes['file'];
  return (disk.attributes['type'] ?? 'file') === 'file' && file ? file : undefined;
}

/** Disks with files become disks over verified copies: SEE's guests wrote into these files. Drives without a medium stay as they are. */
export function templateDisks(root: XmlElement, { where, files }: TemplateOptions, reading: SeeReading): TemplateDisk[] {
  const first = rootDiskOf(root);
  const [before] = allDisks(root);
  if (before !== undefined && before !== first) reading.note('otherwise', `${where}: devices/disk`, `the first disk is a ${before.attributes['device'] ?? ''}, which stays one; the image goes to ${first === undefined ? 'a disk of its own' : 'the first disk that is none'}`);
  if (first === undefined) reading.note('otherwise', `${where}: devices/disk`, 'the template has no disk: one is added, on virtio');
  return allDisks(root).flatMap((xml, index): TemplateDisk[] => {
    const file = fileOfDisk(xml);
    if (xml === first || file === undefined) return [];
    const device = xml.attributes['device'] ?? 'disk';
    const place = `${where}: devices/disk[${index + 1}]`;
    const found = files.look(file);
    if (found.kind !== 'file') {
      reading.mistake('IMAGE_MISSING', place, { given: found.kind === 'folder' ? `${file}, a folder` : file });
      return [];
    }
    reading.note('otherwise', place, device === 'disk' ? `${file} is copied, and what the guest writes there is gone with the sandbox` : `the ${device} shows a copy of ${file}`);
    const bus = childOf(xml, 'target')?.attributes['bus'] ?? 'virtio';
    return [{ name: `disk${index + 1}`, xml, file: files.absolute(file), format: found.format, bus: bus === 'sata' || bus === 'scsi' ? bus : 'virtio' }];
  });
}
