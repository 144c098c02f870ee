import { type CapabilityName, type DomainPart, type HookDeclaration, type HookNeed, type PowerPolicy, type SandformError, lackOf } from '../lib';
import type { Mistakes, Rule } from './mistakes';

/** What a sandbox asks of its hypervisor beside what its domain says. */
export interface AskedOf {
  readonly power?: PowerPolicy | undefined;
  readonly hooks: readonly Pick<HookDeclaration, 'export' | 'needs'>[];
}

/** What a sandbox asks of its hypervisor and does not get, by the capability table. */
export function capabilityMistakes(domain: DomainPart, asked: AskedOf, mistakes: Mistakes): SandformError[] {
  return askings(domain, asked).flatMap(([name, property, by]) => {
    const lack = lackOf(domain, name);
    return lack === undefined ? [] : [mistakes.mistake('CAPABILITY_MISSING', property, { given: `${by}, which needs ${lack}` })];
  });
}

/** What the sandbox itself lacks of what a hook needs. */
export function needRules(hook: Pick<HookDeclaration, 'export' | 'needs'>, domain: DomainPart): Rule[] {
  return hook.needs.map((need) => {
    const { isThere, expected, fix } = NEEDS[need];
    return [isThere(domain), 'hooks', `${hook.export}, which needs '${need}'`, expected, fix];
  });
}

type Asking = readonly [name: CapabilityName, property: string, by: string];

function askings({ display, guest, nics, firmware = 'bios', tpm = false, hardware }: DomainPart, { power, hooks }: AskedOf): Asking[] {
  const all: (Asking | false)[] = [
    display && ['screen', 'display', 'display: true'],
    guest.execPort !== undefined && ['execPort', 'guest', `guest '${guest.name}'`],
    guest.agent && ['agent', 'guest', `guest '${guest.name}'`],
    nics.length > 0 && ['network', 'networks', 'a NIC'],
    nics.some(({ filter }) => filter !== undefined) && ['egress', 'egress', 'a filtered NIC'],
    firmware !== 'bios' && ['firmware', 'guest', `guest '${guest.name}' with firmware '${firmware}'`],
    tpm && ['tpm', 'guest', `guest '${guest.name}' with a TPM`],
    hardware !== undefined && ['hardware', 'hardware', 'a hardware profile'],
    power === 'managed' && ['poweron', 'power', "power: 'managed'"],
    ...hooks.flatMap(({ export: name, needs }) => needs.map((need): Asking => [need, 'hooks', name])),
  ];
  return all.filter((asking) => asking !== false);
}

/** What tells whether a sandbox has what a hook may need, and what gives it. */
const NEEDS: Readonly<Record<HookNeed, { readonly isThere: (domain: DomainPart) => boolean; readonly expected: string; readonly fix: string }>> = {
  screen: { isThere: ({ display }) => display, expected: 'a sandbox with a display', fix: 'set display: true' },
  exec: { isThere: ({ guest, hypervisor }) => hypervisor === 'lxc' || guest.execPort !== undefined || guest.agent, expected: 'a guest that commands can be run in', fix: 'choose a guest with an exec port or a guest agent' },
  network: { isThere: ({ nics }) => nics.length > 0, expected: 'a sandbox with a NIC', fix: 'set networks' },
  disk: { isThere: ({ disks }) => disks.length > 0, expected: 'a sandbox with disks', fix: 'choose another guest, or set disks' },
  memory: { isThere: () => true, expected: 'a sandbox with memory of its own', fix: 'choose another guest' },
};
