import { type CapabilityName, type CopiedFormat, DECLARABLE_CAPABILITIES, type Disk, DriverUri, type DomainPart, type IsolationLevel, type Nic, type OtherHypervisor, type SandformError, diskPlaceholder, mistakesOf } from '../lib';
import { COMMON_ELEMENTS, parseXml } from '../lib/domain-xml';
import type { Mistakes } from './mistakes';

/** A machine, as the XML of a hypervisor is written from. Sizes in bytes. */
export interface DeclaredMachine {
  /** libvirt's name of the domain. */
  readonly name: string;
  readonly arch: DomainPart['arch'];
  readonly vcpus: number;
  readonly memory: number;
  /** In their order; `path` stands for the file on the host, which is not known yet, and must be the whole of an attribute. */
  readonly disks: readonly { readonly name: string; readonly size: number; readonly path: string }[];
  readonly nics: readonly { readonly network: string; readonly mac: string }[];
  readonly display: boolean;
}

/** What must be known of a hypervisor to deploy to it. */
export interface HypervisorProps {
  /** How messages and records call it: lower-case letters, digits and `-`. */
  readonly name: string;
  /** libvirt's URI of its driver, on the machine of the stack's libvirt, e.g. `xen:///system`. */
  readonly uri: string;
  /** What its driver does: names of the capability table that are marked as declarable. What is not named is refused when the app is synthesized. */
  readonly offers: readonly CapabilityName[];
  /** How strongly it keeps what it runs from its host: records state it. */
  readonly isolation: IsolationLevel;
  /** Disks are whole copies of their images in this format. @default 'raw' */
  readonly diskFormat?: CopiedFormat;
  /**
   * The domain XML, from `<domain type='...'>` on, in libvirt's format. Name, UUID, metadata, memory and processors are put in by Sandform. Must give
   * the same text for the same machine.
   */
  readonly domainXml: (machine: DeclaredMachine) => string;
}

/** A hypervisor that Sandform does not know, made known by {@link defineHypervisor}. */
export interface DefinedHypervisor {
  readonly name: string;
  /** @internal What is wrong with it itself. */
  readonly mistakes: (mistakes: Mistakes) => SandformError[];
  /** @internal What of it a sandbox carries with it. */
  readonly part: (machine: Omit<DomainPart, 'other'>) => OtherHypervisor;
}

/**
 * Makes a hypervisor known, which libvirt has a driver for and Sandform has not heard of: sandboxes that run {@link Guest.on} it are deployed,
 * driven, listed, reaped and destroyed like all others, without anything being installed on the host. See docs/hypervisors.md.
 */
export function defineHypervisor({ name, uri, offers, isolation, diskFormat = 'raw', domainXml }: HypervisorProps): DefinedHypervisor {
  return {
    name,
    mistakes: (mistakes) => [
      ...(/^[a-z][a-z0-9-]{0,31}$/.test(name) ? [] : [mistakes.mistake('PROP_INVALID', 'guest', { given: `a hypervisor '${name}'`, expected: 'a name of lower-case letters, digits and -, at most 32', fix: 'rename it where it is defined' })]),
      ...(mistakesOf(DriverUri, uri).length === 0 ? [] : [mistakes.mistake('PROP_INVALID', 'guest', { given: `hypervisor '${name}' at ${uri}`, expected: 'a libvirt URI of at most 150 characters', fix: 'correct its uri where it is defined' })]),
      ...offers.filter((offer) => !DECLARABLE_CAPABILITIES.includes(offer)).map((offer) => mistakes.mistake('PROP_INVALID', 'guest', { given: `hypervisor '${name}' with '${offer}'`, expected: `capabilities of ${DECLARABLE_CAPABILITIES.join(', ')}`, fix: 'take it out where the hypervisor is defined' })),
    ],
    part: (machine) => ({ name, uri, offers: [...new Set(offers)].sort(), isolation, diskFormat, xml: domainXml(machineOf(machine)) }),
  };
}

/** What is wrong with the XML that a hypervisor was given for a machine. */
export function otherXmlMistakes({ other }: DomainPart, mistakes: Mistakes): SandformError[] {
  if (other === undefined) return [];
  const root = parseXml(other.xml);
  const wrong = (given: string, expected: string) => [mistakes.mistake('PROP_INVALID', 'guest', { given: `hypervisor '${other.name}' with ${given}`, expected, fix: 'correct its domainXml where it is defined' })];
  if (root?.name !== 'domain' || !root.attributes['type']) return wrong('XML that is no <domain type=...>', "one element <domain type='...'> with what the hypervisor needs");
  const common = root.children.flatMap((child) => (typeof child === 'object' && COMMON_ELEMENTS.includes(child.name) ? [child.name] : []));
  return common.length === 0 ? [] : wrong(`<${common[0] ?? ''}>`, 'no elements that Sandform puts in itself');
}

function machineOf({ name, arch, vcpus, memory, disks, nics, display }: Omit<DomainPart, 'other'>): DeclaredMachine {
  return {
    ...{ name, arch, vcpus, memory, display },
    disks: disks.map(({ name: disk, size }: Disk) => ({ name: disk, size, path: diskPlaceholder(disk) })),
    nics: nics.map(({ network, mac }: Nic) => ({ network, mac })),
  };
}
