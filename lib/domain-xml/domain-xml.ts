import { METADATA, type DomainPart } from '../spec';
import { mostVcpus } from './hardware-elements';
import { lxcDomain } from './lxc-domain';
import { otherDomain } from './other-domain';
import { qemuDomain } from './qemu-domain';
import { vboxDomain } from './vbox-domain';
import { type XmlElement, element, renderXml } from './xml-element';
import { withOverrides } from './xml-overrides';

/** What a domain's XML holds beside its domain part: known only where it is deployed. */
export interface DomainXmlValues {
  /** @default libvirt makes one up */
  readonly uuid?: string;
  /** JSON for the metadata elements of {@link METADATA}; each is left out where absent. */
  readonly metadata?: { readonly identity?: string; readonly conduct?: string };
  /** Path on the host of a disk's volume, by the disk's name. */
  volumePath(disk: string): string;
  /** Path on the host of a shared base volume, by the image's digest. */
  baseVolumePath(digest: string): string;
  /** Path on the host of the cloud-init seed; asked for only where the domain has one. */
  seedPath(): string;
  /** Path on the host of the file that the console is written to. */
  consolePath(): string;
  /** Folder on the host that a container has as its root. */
  readonly rootFolder?: () => string;
  /** What a container has to know of a network that it has an address on. */
  readonly linkOf?: (network: string) => { readonly prefix: number; readonly gateway: string } | undefined;
}

/** The devices and settings of one hypervisor; what all have in common is added around them. */
export type HypervisorDomain = (domain: DomainPart, values: DomainXmlValues) => {
  /** libvirt's domain type, e.g. `kvm`. */
  readonly type: string;
  readonly settings: readonly (XmlElement | undefined)[];
  readonly devices: readonly (XmlElement | undefined)[];
};

const HYPERVISORS: Readonly<Record<DomainPart['hypervisor'], HypervisorDomain>> = { qemu: qemuDomain, lxc: lxcDomain, vbox: vboxDomain, other: otherDomain };

/**
 * The whole libvirt domain XML of a sandbox, in plain ASCII; its overrides are applied last.
 * Format: https://libvirt.org/formatdomain.html
 */
export function domainXml(domain: DomainPart, values: DomainXmlValues): string {
  return renderXml(domainElement(domain, values));
}

/** The same as elements. */
export function domainElement(domain: DomainPart, values: DomainXmlValues): XmlElement {
  const { type, settings, devices } = HYPERVISORS[domain.hypervisor](domain, values);
  const root = element(
    'domain',
    { type },
    element('name', {}, domain.name),
    values.uuid === undefined ? undefined : element('uuid', {}, values.uuid),
    metadata(values),
    element('memory', { unit: 'KiB' }, String(domain.memory / 1024)),
    vcpu(domain),
    ...settings,
    element('devices', {}, ...devices),
  );
  return withOverrides(root, domain.xmlOverrides);
}

function vcpu(domain: DomainPart): XmlElement {
  const [now, most] = [domain.vcpus, mostVcpus(domain)];
  return most > now ? element('vcpu', { placement: 'static', current: now }, String(most)) : element('vcpu', { placement: 'static' }, String(now));
}

function metadata({ metadata: texts = {} }: DomainXmlValues): XmlElement | undefined {
  const elements = (['identity', 'conduct'] as const).flatMap((kind) => {
    const text = texts[kind];
    return text === undefined ? [] : [metadataElement(METADATA[kind], text)];
  });
  return elements.length === 0 ? undefined : element('metadata', {}, ...elements);
}

/** One element of libvirt metadata, in a namespace of its own as libvirt demands. */
export function metadataElement({ uri, prefix, element: name }: { readonly uri: string; readonly prefix: string; readonly element: string }, text: string): XmlElement {
  return element(`${prefix}:${name}`, { [`xmlns:${prefix}`]: uri }, text);
}
