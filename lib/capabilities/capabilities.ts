import type { Hypervisor } from '../spec';

/** What a capability is for: driving the domain, what a hook needs, a way into the guest, or what a declaration asks of the host. */
export type CapabilityKind = 'lifecycle' | 'hook' | 'channel' | 'declaration';

/** One thing that hypervisors offer through libvirt, or don't. */
export interface Capability {
  readonly kind: CapabilityKind;
  /** In words, for messages and documents. */
  readonly what: string;
  /** Whether each offers it: `true`, or why not. */
  readonly offers: Readonly<Record<Hypervisor, true | string>>;
}

/**
 * What each hypervisor offers: the one place where that is known. Constructs ask it before anything is planned.
 *
 * QEMU and LXC as libvirt's drivers behave, which tests ask of them; VirtualBox as its driver is documented.
 */
export const CAPABILITIES = {
  poweron: row('lifecycle', 'power on and off'),
  shutdown: row('lifecycle', 'shut down, by asking the guest'),
  restart: row('lifecycle', 'restart'),
  pause: row('lifecycle', 'pause and resume'),
  save: row('lifecycle', 'save memory to disk and restore it', { lxc: "a container's memory is the host kernel's", vbox: 'the driver has no managed save' }),

  screen: row('hook', 'pictures of a screen', { lxc: 'a container has no screen' }),
  exec: row('hook', 'commands in the guest', { vbox: 'the driver has no channel into the guest' }),
  memory: row('hook', 'a dump of the memory', { lxc: "a container's memory is the host kernel's", vbox: 'the driver writes no dumps' }),
  disk: row('hook', 'snapshots of disks', { lxc: "a container's root is a folder, no disk" }),
  network: row('hook', 'network interfaces'),

  execPort: row('channel', "Sandform's guest program on a virtio-serial port", { lxc: 'a container has no virtio devices', vbox: 'VirtualBox has no virtio-serial ports' }),
  agent: row('channel', 'the QEMU guest agent', { lxc: 'a container has no virtio devices', vbox: 'VirtualBox does not know it' }),
  namespaces: row('channel', 'the namespaces of a container', { qemu: 'a virtual machine has a kernel of its own', vbox: 'a virtual machine has a kernel of its own' }),
  consoleLog: row('channel', 'a log of what the console printed', { lxc: "libvirt's driver for containers keeps none", vbox: "libvirt's driver keeps none" }),
  console: row('channel', 'a console', { vbox: 'the driver opens no consoles' }),

  egress: row('declaration', 'egress rules', { vbox: 'libvirt filters no interfaces of VirtualBox' }),
  firmware: row('declaration', 'UEFI and Secure Boot', { lxc: 'a container has no firmware', vbox: 'the driver sets no firmware' }),
  tpm: row('declaration', 'a TPM of its own', { lxc: "a container's devices are the host's", vbox: 'the driver knows no TPM' }),
  hardware: row('declaration', 'a hardware profile', { lxc: "a container sees the host's hardware", vbox: 'the driver writes no SMBIOS strings' }),
  conduct: row('declaration', 'labels, owner, TTL and hooks that change in place', { vbox: 'the driver keeps no metadata' }),
} as const satisfies Readonly<Record<string, Capability>>;

export type CapabilityName = keyof typeof CAPABILITIES;

/** Why a hypervisor does not offer something; undefined where it does. */
export function whyNotOffered(hypervisor: Hypervisor, name: CapabilityName): string | undefined {
  const offer = CAPABILITIES[name].offers[hypervisor];
  return offer === true ? undefined : offer;
}

function row(kind: CapabilityKind, what: string, lacking: Partial<Record<Hypervisor, string>> = {}): Capability {
  return { kind, what, offers: { qemu: lacking.qemu ?? true, lxc: lacking.lxc ?? true, vbox: lacking.vbox ?? true } };
}
