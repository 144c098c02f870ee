import { METADATA } from '../spec';
import { metadataText } from './metadata-element';
import { type XmlElement, childOf, childrenOf, parseXml, textOf } from './xml-element';

/** What the runtime wants to know of a live or defined domain. Absent where the XML does not tell. */
export interface DomainXmlFacts {
  readonly name: string;
  readonly uuid: string;
  /** libvirt's domain type: `kvm`, `qemu`, `lxc`, `vbox`, ... */
  readonly type: string;
  /** libvirt's number of the running domain; absent while it is off. */
  readonly id?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly vcpus?: number;
  /** JSON of our metadata elements, not yet checked. */
  readonly identity?: string;
  readonly conduct?: string;
  readonly disks: readonly DiskFacts[];
  /** Files of the host that it boots from: kernel, initrd, firmware and its variables. */
  readonly bootFiles: readonly string[];
  readonly interfaces: readonly InterfaceFacts[];
  readonly channels: readonly ChannelFacts[];
  readonly display?: DisplayFacts;
}

export interface DiskFacts {
  /** Name in the guest as libvirt suggests it, e.g. `vda`. */
  readonly target: string;
  readonly device: string;
  readonly file?: string;
  /** Files that it is a layer over, top down; only while the domain runs. */
  readonly beneath: readonly string[];
  readonly readonly: boolean;
}

export interface InterfaceFacts {
  /** Lower-case, colons. */
  readonly mac: string;
  /** libvirt's name of the network. */
  readonly network?: string;
  readonly model?: string;
  /** The host's end, e.g. `vnet3`; only while it runs. */
  readonly device?: string;
  /** Addresses that are set before the guest begins, as a container's are. */
  readonly addresses: readonly { readonly family: 'ipv4' | 'ipv6'; readonly address: string }[];
}

export interface ChannelFacts {
  /** Name of the virtio-serial port. */
  readonly name: string;
  /** Whether something in the guest has it open; absent while the domain is off. */
  readonly connected?: boolean;
}

export interface DisplayFacts {
  readonly type: string;
  /** Absent until it runs. */
  readonly port?: number;
  readonly listen?: string;
}

/** Reads libvirt's domain XML; undefined for what is none. */
export function readDomainXml(xml: string): DomainXmlFacts | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'domain') return undefined;
  const devices = childOf(root, 'devices');
  const metadata = childOf(root, 'metadata');
  const [memory, vcpus] = [memoryOf(root), vcpusOf(root)];
  return {
    name: textOf(childOf(root, 'name')),
    uuid: textOf(childOf(root, 'uuid')),
    type: root.attributes['type'] ?? '',
    ...present({ id: numberOf(root.attributes['id']), memory, vcpus }),
    ...present({ identity: metadataText(metadata, METADATA.identity), conduct: metadataText(metadata, METADATA.conduct) }),
    disks: childrenOf(devices, 'disk').map(diskFacts),
    bootFiles: ['kernel', 'initrd', 'dtb', 'loader', 'nvram'].flatMap((name) => textOf(childOf(childOf(root, 'os'), name)) || []),
    interfaces: childrenOf(devices, 'interface').map(interfaceFacts),
    channels: childrenOf(devices, 'channel').flatMap(channelFacts),
    ...present({ display: childrenOf(devices, 'graphics').map(displayFacts)[0] }),
  };
}

const KIBIBYTE = 1024;
const MEMORY_UNITS: Readonly<Record<string, number>> = { b: 1, bytes: 1, KiB: KIBIBYTE, MiB: KIBIBYTE ** 2, GiB: KIBIBYTE ** 3 };

function memoryOf(root: XmlElement): number | undefined {
  const memory = childOf(root, 'memory');
  const [amount, unit] = [numberOf(textOf(memory)), MEMORY_UNITS[memory?.attributes['unit'] ?? 'KiB']];
  return amount === undefined || unit === undefined ? undefined : amount * unit;
}

function vcpusOf(root: XmlElement): number | undefined {
  const vcpu = childOf(root, 'vcpu');
  return numberOf(vcpu?.attributes['current'] ?? textOf(vcpu));
}

function diskFacts(disk: XmlElement): DiskFacts {
  return {
    target: childOf(disk, 'target')?.attributes['dev'] ?? '',
    device: disk.attributes['device'] ?? 'disk',
    ...present({ file: fileOf(disk) }),
    beneath: filesBeneath(disk),
    readonly: childOf(disk, 'readonly') !== undefined,
  };
}

function fileOf(disk: XmlElement): string | undefined {
  const source = childOf(disk, 'source')?.attributes;
  return source?.['file'] ?? source?.['dev'];
}

function filesBeneath(disk: XmlElement): string[] {
  const beneath = childOf(disk, 'backingStore');
  return beneath === undefined ? [] : [fileOf(beneath) ?? [], filesBeneath(beneath)].flat();
}

function interfaceFacts(nic: XmlElement): InterfaceFacts {
  return {
    mac: (childOf(nic, 'mac')?.attributes['address'] ?? '').toLowerCase(),
    ...present({
      network: childOf(nic, 'source')?.attributes['network'],
      model: childOf(nic, 'model')?.attributes['type'],
      device: childOf(nic, 'target')?.attributes['dev'],
    }),
    addresses: childrenOf(nic, 'ip').flatMap(({ attributes: { family, address } }) => (address === undefined ? [] : [{ family: family === 'ipv6' ? ('ipv6' as const) : ('ipv4' as const), address }])),
  };
}

function channelFacts(channel: XmlElement): ChannelFacts[] {
  const target = childOf(channel, 'target')?.attributes ?? {};
  const { type, name, state } = target;
  if (type !== 'virtio' || name === undefined) return [];
  return [{ name, ...present({ connected: state === undefined ? undefined : state === 'connected' }) }];
}

function displayFacts({ attributes: { type = '', port, listen } }: XmlElement): DisplayFacts {
  const number = numberOf(port);
  return { type, ...present({ port: number === undefined || number < 0 ? undefined : number, listen }) };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** Leaves out what is undefined. */
function present<T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
