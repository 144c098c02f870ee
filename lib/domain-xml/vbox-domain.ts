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
    // The driver chooses a front end by its kind: this one opens no window, and where there is no graphics at all it would open one.
    element('graphics', { type: 'rdp', autoport: 'yes', listen: '127.0.0.1' }, element('listen', { type: 'address', address: '127.0.0.1' })),
    element('video', {}, element('model', { type: 'vbox', vram: 16384 })),
  ],
});

function disks(domain: DomainPart, values: DomainXmlValues): XmlElement[] {
  return domain.disks.map((disk, index) =>
    element(
      'disk',
      { type: 'file', device: 'disk' },
      element('source', { file: values.volumePath(disk.name) }),
      element('target', { dev: `sd${String.fromCharCode(97 + index)}`, bus: 'sata' }),
      element('address', { type: 'drive', controller: 0, bus: 0, target: 0, unit: index }),
    ),
  );
}
