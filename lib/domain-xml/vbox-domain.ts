import type { DomainPart } from '../spec';
import type { DomainXmlValues, HypervisorDomain } from './domain-xml';
import { nicElement } from './nic-element';
import { type XmlElement, element } from './xml-element';

/** VirtualBox. Disks are SATA: it has no virtio ones. */
export const vboxDomain: HypervisorDomain = (domain, values) => ({
  type: 'vbox',
  settings: [
    element('os', {}, element('type', { arch: domain.arch }, 'hvm'), element('boot', { dev: 'hd' })),
    element('features', {}, element('acpi'), element('apic'), element('pae')),
    element('clock', { offset: 'utc' }),
  ],
  devices: [
    element('controller', { type: 'sata', index: 0 }),
    ...disks(domain, values),
    ...domain.nics.map(nicElement),
    element('serial', { type: 'pty' }, element('target', { port: 0 })),
    ...(domain.display ? [element('graphics', { type: 'desktop' }), element('video', {}, element('model', { type: 'vbox', vram: 16384 }))] : []),
  ],
});

function disks(domain: DomainPart, values: DomainXmlValues): XmlElement[] {
  return domain.disks.map((disk, index) =>
    element(
      'disk',
      { type: 'file', device: 'disk' },
      element('source', { file: values.volumePath(disk.name) }),
      element('target', { dev: `sd${String.fromCharCode(97 + index)}`, bus: 'sata' }),
    ),
  );
}
