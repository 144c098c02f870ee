import type { DomainPart } from '../spec';
import { diskController, diskElements } from './disk-elements';
import type { DomainXmlValues, HypervisorDomain } from './domain-xml';
import { nicElement } from './nic-element';
import { userModeNics } from './user-mode-nics';
import { type XmlElement, element } from './xml-element';

const MACHINES = { x86_64: 'q35', aarch64: 'virt' } as const;

/** QEMU with KVM or, where asked for, emulation. No USB, no sound, nothing that listens beyond loopback. */
export const qemuDomain: HypervisorDomain = (domain, values) => ({
  type: domain.accelerator === 'tcg' ? 'qemu' : 'kvm',
  settings: [
    os(domain, values),
    features(domain),
    cpu(domain),
    clock(domain),
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
    element('memballoon', { model: 'virtio' }),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
    isX86(domain) ? element('panic', { model: 'isa' }) : undefined,
  ],
});

function isX86({ arch }: DomainPart): boolean {
  return arch === 'x86_64';
}

function os(domain: DomainPart, values: DomainXmlValues): XmlElement {
  const { kernelBoot: boot, arch, machine = MACHINES[arch] } = domain;
  // Where no kernel is given, 64-bit Arm has no other way to boot than UEFI; x86 boots by BIOS unless overridden.
  const firmware = boot === undefined && arch === 'aarch64' ? 'efi' : undefined;
  return element(
    'os',
    { firmware },
    element('type', { arch, machine }, 'hvm'),
    ...(boot === undefined
      ? []
      : [
          element('kernel', {}, values.baseVolumePath(boot.kernel.digest)),
          boot.initrd === undefined ? undefined : element('initrd', {}, values.baseVolumePath(boot.initrd.digest)),
          element('cmdline', {}, boot.cmdline),
        ]),
  );
}

function features(domain: DomainPart): XmlElement {
  // libvirt refuses ACPI on 64-bit Arm without UEFI.
  const acpi = isX86(domain) || domain.kernelBoot === undefined;
  return element('features', {}, acpi ? element('acpi') : undefined, isX86(domain) ? element('apic') : undefined);
}

function cpu(domain: DomainPart): XmlElement {
  if (domain.accelerator === 'tcg') return element('cpu', { mode: 'maximum' });
  // Virtualization inside a sandbox would hand its guest the host's most intricate code.
  const nested = isX86(domain) ? ['vmx', 'svm'] : [];
  return element('cpu', { mode: 'host-passthrough', check: 'none' }, ...nested.map((name) => element('feature', { policy: 'disable', name })));
}

function clock(domain: DomainPart): XmlElement {
  const timers = [
    { name: 'rtc', tickpolicy: 'catchup' },
    { name: 'pit', tickpolicy: 'delay' },
    { name: 'hpet', present: 'no' },
  ];
  return element('clock', { offset: 'utc' }, ...(isX86(domain) ? timers.map((timer) => element('timer', timer)) : []));
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
