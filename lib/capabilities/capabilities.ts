import type { DomainPart, Hypervisor } from '../spec';

/** What a capability is for: driving the domain, what a hook needs, a way into the guest, or what a declaration asks of the host. */
export type CapabilityKind = 'lifecycle' | 'hook' | 'channel' | 'declaration';

/** Hypervisors of which the table tells; others come with their declarations. */
export type TabledHypervisor = Exclude<Hypervisor, 'other'>;

/** One thing that hypervisors offer through libvirt, or don't. */
export interface Capability {
  readonly kind: CapabilityKind;
  /** In words, for messages and documents. */
  readonly what: string;
  /** Whether each offers it: `true`, or why not. */
  readonly offers: Readonly<Record<TabledHypervisor, true | string>>;
  /** Whether a hypervisor that a declaration brings along can offer it. */
  readonly isDeclarable: boolean;
}

/**
 * What each hypervisor offers: the one place where that is known. Constructs ask it before anything is planned.
 *
 * QEMU and LXC as libvirt's drivers behave, which tests ask of them; VirtualBox as its driver is documented.
 */
export const CAPABILITIES = {
  poweron: declarable('lifecycle', 'power on and off'),
  shutdown: declarable('lifecycle', 'shut down, by asking the guest'),
  restart: declarable('lifecycle', 'restart', { vbox: 'the driver does not tell when it is done' }),
  pause: declarable('lifecycle', 'pause and resume'),
  save: declarable('lifecycle', 'save memory to disk and restore it', { lxc: "a container's memory is the host kernel's", vbox: 'the driver has no managed save' }),

  screen: declarable('hook', 'pictures of a screen', { lxc: 'a container has no screen' }),
  exec: row('hook', 'commands in the guest', { vbox: 'the driver has no channel into the guest' }),
  memory: row('hook', 'a dump of the memory', { lxc: "a container's memory is the host kernel's", vbox: 'the driver writes no dumps' }),
  disk: row('hook', 'snapshots of disks', { lxc: "a container's root is a folder, no disk", vbox: 'its disk is a whole copy, without a layer that holds what changed' }),
  network: declarable('hook', 'network interfaces'),

  execPort: row('channel', "Sandform's guest program on a virtio-serial port", { lxc: 'a container has no virtio devices', vbox: 'VirtualBox has no virtio-serial ports' }),
  agent: row('channel', 'the QEMU guest agent', { lxc: 'a container has no virtio devices', vbox: 'VirtualBox does not know it' }),
  namespaces: row('channel', 'the namespaces of a container', { qemu: 'a virtual machine has a kernel of its own', vbox: 'a virtual machine has a kernel of its own' }),
  consoleLog: row('channel', 'a log of what the console printed', { lxc: "libvirt's driver for containers keeps none", vbox: "libvirt's driver keeps none" }),
  console: row('channel', 'a console', { vbox: 'the driver opens no consoles' }),

  egress: row('declaration', 'egress rules', { vbox: "libvirt filters no interfaces of VirtualBox, which egress: 'open' takes into account" }),
  firmware: row('declaration', 'UEFI and Secure Boot', { lxc: 'a container has no firmware', vbox: 'the driver sets no firmware' }),
  tpm: row('declaration', 'a TPM of its own', { lxc: "a container's devices are the host's", vbox: 'the driver knows no TPM' }),
  hardware: row('declaration', 'a hardware profile', { lxc: "a container sees the host's hardware", vbox: 'the driver writes no SMBIOS strings' }),
  conduct: row('declaration', 'labels, owner, TTL and hooks that change in place'),
} as const satisfies Readonly<Record<string, Capability>>;

export type CapabilityName = keyof typeof CAPABILITIES;

/** What a sandbox runs on, of its domain part. */
export type RunsOn = Pick<DomainPart, 'hypervisor' | 'other'>;

/** Why the hypervisor of a sandbox does not offer something; undefined where it does. */
export function whyNotOffered({ hypervisor, other }: RunsOn, name: CapabilityName): string | undefined {
  const { offers, isDeclarable }: Capability = CAPABILITIES[name];
  if (hypervisor === 'other') {
    if (!isDeclarable) return 'a hypervisor that a declaration brings along can not offer it';
    return other?.offers.includes(name) === true ? undefined : `'${other?.name ?? ''}' is declared without it`;
  }
  const offer = offers[hypervisor];
  return offer === true ? undefined : offer;
}

/** A need that is not met, in words: the capability, the hypervisor, the reason. Undefined where it is met. */
export function lackOf(on: RunsOn, name: CapabilityName): string | undefined {
  const reason = whyNotOffered(on, name);
  return reason === undefined ? undefined : `'${name}' (${CAPABILITIES[name].what}), on hypervisor '${on.other?.name ?? on.hypervisor}': ${reason}`;
}

/** Names of what a hypervisor that a declaration brings along can offer. */
export const DECLARABLE_CAPABILITIES = (Object.keys(CAPABILITIES) as CapabilityName[]).filter((name) => CAPABILITIES[name].isDeclarable);

function row(kind: CapabilityKind, what: string, lacking: Partial<Record<TabledHypervisor, string>> = {}): Capability {
  return { kind, what, offers: { qemu: lacking.qemu ?? true, lxc: lacking.lxc ?? true, vbox: lacking.vbox ?? true }, isDeclarable: false };
}

/** What libvirt alone does, without anything of Sandform's inside. */
function declarable(...given: Parameters<typeof row>): Capability {
  return { ...row(...given), isDeclarable: true };
}
