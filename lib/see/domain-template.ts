import { type XmlElement, childOf, childrenOf, domainElement, element, parseXml, textOf, xmlDifferences, xmlReplacement } from '../domain-xml';
import type { DomainPart, XmlOverride } from '../spec';
import { Size, type SizeText } from '../units';
import { archOf, memoryOf, vcpusOf } from './domain-resources';
import type { SeeFiles } from './files';
import { reachesIntoHost } from './host-reach';
import type { SeeReading } from './reading';
import { type TemplateDisk, templateDisks } from './template-disks';
import { isAgent, wantedDevices } from './template-devices';

/** A domain XML that served SEE as template, in terms of our constructs. What these have no prop for stands in the overrides. */
export interface DomainTemplate {
  readonly arch: DomainPart['arch'];
  readonly machine?: string;
  readonly accelerator?: 'tcg';
  readonly memory: SizeText;
  readonly vcpus: number;
  readonly display: boolean;
  readonly agent: boolean;
  readonly kernel?: { readonly kernel: string; readonly initrd?: string; readonly cmdline?: string };
  /** Beside the disk that gets the image. */
  readonly disks: readonly TemplateDisk[];
  /** Of each NIC on a network: the network that the template names. */
  readonly networks: readonly string[];
  readonly xmlOverrides: readonly XmlOverride[];
}

export interface TemplateOptions {
  /** How messages call it. */
  readonly where: string;
  readonly files: SeeFiles;
  /** Whether what reaches into the host is carried over rather than refused. */
  readonly trusted: boolean;
  /** Whether the context configures a network, for which SEE adds a NIC where the template has none. */
  readonly hasNetwork: boolean;
}

/** The libvirt domain type of a template; undefined for what is no domain XML. */
export function templateType(xml: string): string | undefined {
  const root = parseXml(xml);
  return root?.name === 'domain' ? (root.attributes['type'] ?? '') : undefined;
}

/** Reads a template for QEMU. Undefined where it can't be used, which is a mistake then. */
export function readDomainTemplate(xml: string, options: TemplateOptions, reading: SeeReading): DomainTemplate | undefined {
  const { where } = options;
  const root = parseXml(xml);
  const type = root?.attributes['type'] ?? '';
  if (root?.name !== 'domain' || !['kvm', 'qemu'].includes(type)) {
    reading.mistake('SEE_INVALID', where, { given: root === undefined ? 'no XML' : `<${root.name} type='${type}'>`, expected: "a libvirt domain XML of type 'kvm', 'qemu', 'lxc' or 'vbox'" });
    return undefined;
  }
  reachesIntoHost(root, options, reading);
  const disks = templateDisks(root, options, reading);
  const facts = { ...factsOf(root, options, reading), disks, networks: networksOf(root, options) };
  const ours = rendered(facts);
  return { ...facts, xmlOverrides: overridesFor(root, ours, { ...options, disks }, reading) };
}

type Facts = Omit<DomainTemplate, 'xmlOverrides'>;

function factsOf(root: XmlElement, { where }: TemplateOptions, reading: SeeReading): Omit<Facts, 'disks' | 'networks'> {
  const devices = childOf(root, 'devices');
  const os = childOf(root, 'os');
  const osType = childOf(os, 'type')?.attributes ?? {};
  const arch = archOf(os, where, reading);
  // libvirt takes the oldest of its machines where none is named; ours are newer.
  const machine = osType['machine'] ?? (arch === 'x86_64' ? 'pc' : undefined);
  const kernel = kernelOf(os);
  return {
    arch,
    ...(machine === undefined ? {} : { machine }),
    ...(root.attributes['type'] === 'qemu' ? { accelerator: 'tcg' as const } : {}),
    memory: memoryOf(root, where, reading),
    vcpus: vcpusOf(root, where, reading),
    display: childOf(devices, 'graphics') !== undefined || childrenOf(devices, 'video').some((video) => childOf(video, 'model')?.attributes['type'] !== 'none'),
    agent: childrenOf(devices, 'channel').some(isAgent),
    ...(kernel === undefined ? {} : { kernel }),
  };
}

function kernelOf(os: XmlElement | undefined): Facts['kernel'] {
  const [kernel, initrd, cmdline] = ['kernel', 'initrd', 'cmdline'].map((name) => textOf(childOf(os, name)).trim());
  if (!kernel) return undefined;
  return { kernel, ...(initrd ? { initrd } : {}), ...(cmdline ? { cmdline } : {}) };
}

/** The networks of its NICs; SEE added a NIC where a network was configured and there was none. */
function networksOf(root: XmlElement, { hasNetwork }: TemplateOptions): string[] {
  const nics = childrenOf(childOf(root, 'devices'), 'interface').filter(({ attributes }) => attributes['type'] === 'network');
  const named = nics.map((nic) => childOf(nic, 'source')?.attributes['network'] ?? '');
  return named.length === 0 && hasNetwork ? [''] : named;
}

const DIGEST = '0'.repeat(64);

/** What our constructs make of the props alone. Paths, digests and MAC addresses only stand for what comes later. */
function rendered({ arch, machine, accelerator, vcpus, memory, display, agent, kernel, disks, networks }: Facts): XmlElement {
  const image = { digest: DIGEST, format: 'qcow2', virtualSize: 1 } as const;
  const part: DomainPart = {
    ...{ hypervisor: 'qemu', accelerator: accelerator ?? 'kvm', name: 'see', arch, vcpus, memory: Size.parse(memory).bytes, display, filesystems: [], xmlOverrides: [] },
    ...(machine === undefined ? {} : { machine }),
    guest: { name: 'image', agent, user: 'root' },
    ...(kernel === undefined ? {} : { kernelBoot: { kernel: image, ...(kernel.initrd === undefined ? {} : { initrd: image }), cmdline: kernel.cmdline ?? '' } }),
    disks: [{ name: 'root', image, size: 1, bus: 'virtio' }, ...disks.map(({ name, bus }) => ({ name, image, size: 1, bus }))],
    nics: networks.map(() => ({ network: 'net', mac: '52:54:00:00:00:00', model: 'virtio', filter: 'sandform-see-0' })),
  };
  return domainElement(part, { volumePath: () => '', baseVolumePath: () => '', seedPath: () => '', consolePath: () => '' });
}

/** Not the template's to say: who the sandbox is, how much it has (props), and its devices, which are looked at one by one. */
const OWN: ReadonlySet<string> = new Set(['name', 'uuid', 'metadata', 'memory', 'vcpu', 'os', 'devices']);
/** Of ours, where the template says nothing: a crash is evidence, and a guest that sleeps could not be woken. */
const KEPT: ReadonlySet<string> = new Set(['on_poweroff', 'on_reboot', 'on_crash', 'pm']);

function overridesFor(root: XmlElement, ours: XmlElement, options: TemplateOptions & { readonly disks: readonly TemplateDisk[] }, reading: SeeReading): XmlOverride[] {
  const { where } = options;
  if (childOf(root, 'metadata') !== undefined) reading.note('meaningless', `${where}: metadata`, 'left out: it describes the template, and Sandform keeps its own there');
  const theirs = root.children.filter((child): child is XmlElement => typeof child === 'object' && !OWN.has(child.name));
  const kept = ours.children.filter((child): child is XmlElement => typeof child === 'object' && KEPT.has(child.name) && childOf(root, child.name) === undefined);
  const namespaces = Object.fromEntries(Object.entries(root.attributes).filter(([name]) => name.startsWith('xmlns:')));
  const settings = [...theirs, ...kept];
  // What depends on the accelerator is made anew, so that the overrides fit whichever is used in the end.
  const own = (child: XmlElement | string): boolean => typeof child === 'object' && child.name !== 'cpu' && child.name !== 'vcpu' && child.name !== 'os' && child.name !== 'devices' && !['name', 'memory'].includes(child.name);
  const from: XmlElement = { name: 'domain', attributes: {}, children: ours.children.filter(own) };
  const wanted: XmlElement = { name: 'domain', attributes: namespaces, children: settings.filter(({ name }) => name !== 'cpu') };
  const cpu = theirs.find(({ name }) => name === 'cpu');
  return [
    ...xmlDifferences(from, wanted),
    ...(cpu === undefined ? [{ path: 'cpu', value: null }] : xmlReplacement('cpu', cpu)),
    ...vcpuOverrides(root),
    ...within('os', childOf(ours, 'os'), wantedOs(root, ours)),
    ...within('devices', childOf(ours, 'devices'), wantedDevices(root, ours, options, reading)),
  ];
}

function within(name: string, from: XmlElement | undefined, wanted: XmlElement): XmlOverride[] {
  const around = (child: XmlElement | undefined): XmlElement => element('domain', {}, child);
  return xmlDifferences(around(from ?? element(name)), around(wanted));
}

/** Placement, cpuset and the like. How many there are says a prop. */
function vcpuOverrides(root: XmlElement): XmlOverride[] {
  const vcpu = childOf(root, 'vcpu');
  return Object.entries(vcpu?.attributes ?? {})
    .filter(([name, value]) => !(name === 'placement' && value === 'static') && !(name === 'current' && textOf(vcpu).trim() === value))
    .map(([attribute, value]) => ({ path: 'vcpu', attribute, value }));
}

/** The template's, but for the files of a kernel, which are verified copies. */
function wantedOs(root: XmlElement, ours: XmlElement): XmlElement {
  const [os, own] = [childOf(root, 'os'), childOf(ours, 'os')];
  const copies: ReadonlySet<string> = new Set(['type', 'kernel', 'initrd', 'cmdline']);
  const kept = (own?.children ?? []).filter((child) => typeof child === 'object' && copies.has(child.name) && child.name !== 'type');
  const type = { ...childOf(own, 'type')?.attributes, ...childOf(os, 'type')?.attributes };
  const rest = (os?.children ?? []).filter((child) => typeof child === 'object' && !copies.has(child.name));
  return element('os', os?.attributes ?? own?.attributes ?? {}, element('type', type, textOf(childOf(os, 'type')).trim() || 'hvm'), ...kept, ...rest);
}
