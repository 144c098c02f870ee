import type { DomainPart } from '../spec';
import { diskController, diskElements } from './disk-elements';
import type { DomainXmlValues, HypervisorDomain } from './domain-xml';
import { firmwareElements, tpmElement } from './firmware-elements';
import { hardwareElements } from './hardware-elements';
import { nicElement } from './nic-element';
import { userModeNics } from './user-mode-nics';
import { type XmlElement, element } from './xml-element';

/** QEMU with KVM or, where asked for, emulation. No USB, no sound, nothing that listens beyond loopback. */
export const qemuDomain: HypervisorDomain = (domain, values) => ({
  type: domain.accelerator === 'tcg' ? 'qemu' : 'kvm',
  settings: [
    ...firmwareElements(domain, values),
    ...hardwareElements(domain),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    // A guest that crashed stays as it was: evidence for the run that notices it.
    element('on_crash', {}, 'preserve'),
    pm(domain),
    userModeNics(domain),
  ],
  devices: [
    element('controller', { type: 'usb', model: 'none' }),
    diskController(domain),
    ...diskElements(domain, values),
    ...domain.nics.filter(({ userMode }) => userMode === undefined).map(nicElement),
    ...serialConsole(values),
    ...channels(domain),
    ...display(domain),
    tpmElement(domain),
    element('memballoon', { model: 'virtio' }),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
    isX86(domain) ? element('panic', { model: 'isa' }) : undefined,
  ],
});

function isX86({ arch }: DomainPart): boolean {
  return arch === 'x86_64';
}

/** A guest that puts itself to sleep would be in a state that nothing here can wake it from. */
function pm(domain: DomainPart): XmlElement | undefined {
  if (!isX86(domain)) return undefined;
  return element('pm', {}, element('suspend-to-mem', { enabled: 'no' }), element('suspend-to-disk', { enabled: 'no' }));
}

/** What the console prints is kept since the machine was switched on, by libvirt's log daemon, which bounds it. */
function serialConsole(values: DomainXmlValues): XmlElement[] {
  return [
    element('serial', { type: 'pty' }, element('log', { file: values.consolePath(), append: 'off' }), element('target', { port: 0 })),
    element('console', { type: 'pty' }, element('target', { type: 'serial', port: 0 })),
  ];
}

function channels({ guest }: DomainPart): XmlElement[] {
  const names = [guest.execPort, guest.agent ? 'org.qemu.guest_agent.0' : undefined];
  return names.filter((name) => name !== undefined).map((name) => element('channel', { type: 'unix' }, element('target', { type: 'virtio', name })));
}

function display(domain: DomainPart): XmlElement[] {
  if (!domain.display) return [element('video', {}, element('model', { type: 'none' }))];
  return [
    element('graphics', { type: 'vnc', port: -1, autoport: 'yes' }, element('listen', { type: 'address', address: '127.0.0.1' })),
    element('video', {}, element('model', { type: isX86(domain) ? 'vga' : 'virtio' })),
  ];
}
