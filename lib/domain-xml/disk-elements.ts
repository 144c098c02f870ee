import type { Disk, DomainPart, ImageReference } from '../spec';
import type { DomainXmlValues } from './domain-xml';
import { type XmlElement, element } from './xml-element';

/** How a guest names disks on each bus. */
const PREFIXES: Readonly<Record<Disk['bus'], string>> = { virtio: 'vd', sata: 'sd', scsi: 'sd' };
/** What virtio-blk keeps of a serial number. */
const SERIAL_LENGTH = 20;

/** A QEMU domain's disks in their order, then its cloud-init seed. */
export function diskElements(domain: DomainPart, values: DomainXmlValues): XmlElement[] {
  const target = targets();
  const bootsFromDisk = domain.kernelBoot === undefined;
  const disks = domain.disks.map((disk, index) =>
    element(
      'disk',
      { type: 'file', device: 'disk' },
      // A sandbox's disks need not outlive a crash of the host, so nothing waits for them to reach the platter.
      element('driver', { name: 'qemu', type: 'qcow2', cache: 'unsafe', discard: 'unmap' }),
      element('source', { file: values.volumePath(disk.name) }),
      disk.image === undefined ? undefined : base(disk.image, values),
      element('target', { dev: target(disk.bus), bus: disk.bus }),
      element('serial', {}, serialOf(disk, index, domain)),
      ...(disk.bus === 'scsi' ? identity(domain) : []),
      bootsFromDisk && index === 0 ? element('boot', { order: 1 }) : undefined,
    ),
  );
  const cdroms = (domain.cdroms ?? []).map((image, index) => cdrom(values.baseVolumePath(image.digest), target('sata'), bootsFromDisk ? domain.disks.length + index + 1 : undefined));
  return [...disks, ...(domain.cloudInit === undefined ? [] : [seed(values.seedPath(), target('virtio'))]), ...cdroms];
}

function serialOf({ name }: Disk, index: number, { hardware }: DomainPart): string {
  const serial = hardware?.disk?.serial;
  if (serial === undefined) return name.slice(0, SERIAL_LENGTH);
  return index === 0 ? serial : `${serial}${index}`;
}

/** libvirt takes it for SCSI disks alone. */
function identity({ hardware }: DomainPart): (XmlElement | undefined)[] {
  const { vendor, product } = hardware?.disk ?? {};
  return [vendor === undefined ? undefined : element('vendor', {}, vendor), product === undefined ? undefined : element('product', {}, product)];
}

/** A shared image, as a drive that a system finds drivers and answers to its set-up in. */
function cdrom(path: string, dev: string, order: number | undefined): XmlElement {
  return element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }, element('seclabel', { model: 'dac', relabel: 'no' })),
    element('target', { dev, bus: 'sata' }),
    element('readonly'),
    order === undefined ? undefined : element('boot', { order }),
  );
}

/** A controller where libvirt would choose one that guests have no driver for. */
export function diskController({ disks }: DomainPart): XmlElement | undefined {
  return disks.some(({ bus }) => bus === 'scsi') ? element('controller', { type: 'scsi', model: 'virtio-scsi' }) : undefined;
}

/**
 * What an overlay lies on, named so that libvirt leaves its owner alone. Otherwise libvirt would hand the shared image to the
 * user that QEMU runs as, and a guest that took over its QEMU could rewrite it under all other sandboxes.
 */
function base({ digest, format }: ImageReference, values: DomainXmlValues): XmlElement {
  return element(
    'backingStore',
    { type: 'file' },
    element('format', { type: format }),
    element('source', { file: values.baseVolumePath(digest) }, element('seclabel', { model: 'dac', relabel: 'no' })),
    element('backingStore'),
  );
}

/** A plain read-only disk: cloud-init finds it by its label, and unlike a CD-ROM it can't be ejected. */
function seed(path: string, dev: string): XmlElement {
  return element(
    'disk',
    { type: 'file', device: 'disk' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('target', { dev, bus: 'virtio' }),
    element('readonly'),
  );
}

function targets(): (bus: Disk['bus']) => string {
  const taken: Record<string, number> = {};
  return (bus) => {
    const prefix = PREFIXES[bus];
    const index = taken[prefix] ?? 0;
    taken[prefix] = index + 1;
    return prefix + letters(index);
  };
}

/** a to z, aa, ab, ... */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
