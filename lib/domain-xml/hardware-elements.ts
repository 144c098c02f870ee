import type { DomainPart, Hardware } from '../spec';
import { type XmlElement, element } from './xml-element';

/** What a QEMU domain's guest sees of processor, clock and maker. */
export function hardwareElements(domain: DomainPart): (XmlElement | undefined)[] {
  return [domain.hardware === undefined ? undefined : sysinfo(domain.hardware), cpu(domain), clock(domain)];
}

/**
 * Processors that a domain has room for.
 *
 * For a machine that can only ever have one, QEMU's emulator leaves out the guest's memory barriers, which virtio needs between that
 * processor and QEMU's own threads: interrupts get lost, and disks and ports stall (QEMU's commit c914d46d0a, in 8.1, mends a part of it). Room for a second
 * processor, never plugged in, is enough to have them. 64-bit Arm machines have no such room.
 */
export function mostVcpus({ hypervisor, accelerator, arch, vcpus }: DomainPart): number {
  const losesBarriers = hypervisor === 'qemu' && accelerator === 'tcg' && arch === 'x86_64' && vcpus === 1;
  return losesBarriers ? 2 : vcpus;
}

const TABLES = ['bios', 'system', 'baseBoard', 'chassis'] as const;

function sysinfo(hardware: Hardware): XmlElement {
  const tables = TABLES.flatMap((name) => {
    const entries = Object.entries(hardware[name] ?? {}).map(([key, value]) => element('entry', { name: key }, value));
    return entries.length === 0 ? [] : [element(name, {}, ...entries)];
  });
  return element('sysinfo', { type: 'smbios' }, ...tables);
}

function cpu(domain: DomainPart): XmlElement {
  const { hardware: { cpu: { model, features = [] } = {} } = {}, accelerator } = domain;
  const mode = accelerator === 'tcg' ? { mode: 'maximum' } : { mode: 'host-passthrough', check: 'none' };
  const policies = new Map([...defaultPolicies(domain), ...features.map(({ name, policy }) => [name, policy] as const)]);
  return element(
    'cpu',
    model === undefined ? mode : { mode: 'custom', match: 'exact', check: 'none' },
    model === undefined ? undefined : element('model', { fallback: 'forbid' }, model),
    // Each edition of Windows has a highest number of sockets, and the smallest one takes one.
    domain.windows === true ? element('topology', { sockets: 1, cores: mostVcpus(domain), threads: 1 }) : undefined,
    ...[...policies].map(([name, policy]) => element('feature', { policy, name })),
  );
}

function defaultPolicies({ arch, accelerator, hardware }: DomainPart): (readonly [string, string])[] {
  if (arch !== 'x86_64') return [];
  // Virtualization inside a sandbox would hand its guest the host's most intricate code.
  const nested = accelerator === 'tcg' ? [] : ['vmx', 'svm'];
  return [...nested, ...(hardware?.hypervisorHidden === true ? ['hypervisor'] : [])].map((name) => [name, 'disable'] as const);
}

function clock({ arch, windows = false, accelerator }: DomainPart): XmlElement {
  const timers = [
    { name: 'rtc', tickpolicy: 'catchup' },
    { name: 'pit', tickpolicy: 'delay' },
    { name: 'hpet', present: 'no' },
    ...(windows && accelerator !== 'tcg' ? [{ name: 'hypervclock', present: 'yes' }] : []),
  ];
  return element('clock', { offset: windows ? 'localtime' : 'utc' }, ...(arch === 'x86_64' ? timers.map((timer) => element('timer', timer)) : []));
}
