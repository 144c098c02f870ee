import { type XmlElement, childOf, childrenOf, element } from '../domain-xml';
import type { TemplateOptions } from './domain-template';
import type { SeeReading } from './reading';
import { type TemplateDisk, allDisks, fileOfDisk, rootDiskOf } from './template-disks';

type DeviceOptions = TemplateOptions & { readonly disks: readonly TemplateDisk[] };

/**
 * The devices that a sandbox should have: those of the template, with what Sandform needs of its own (the disk's volume, MAC and filter of a NIC,
 * the log of the console, a display on loopback).
 */
export function wantedDevices(root: XmlElement, ours: XmlElement, options: DeviceOptions, reading: SeeReading): XmlElement {
  const theirs = childOf(root, 'devices');
  const own = childOf(ours, 'devices');
  const parts: Readonly<Record<string, () => (XmlElement | undefined)[]>> = {
    disk: () => wantedDisks(root, childrenOf(own, 'disk'), options),
    interface: () => wantedNics(childrenOf(theirs, 'interface'), childrenOf(own, 'interface'), options, reading),
    serial: () => merged(childrenOf(theirs, 'serial'), childrenOf(own, 'serial')),
    console: () => (childOf(theirs, 'console') === undefined ? childrenOf(own, 'console') : childrenOf(theirs, 'console')),
    channel: () => [...childrenOf(own, 'channel'), ...childrenOf(theirs, 'channel').filter((channel) => !isAgent(channel))],
    controller: () => [...(usesUsb(theirs) ? [] : childrenOf(own, 'controller').filter(({ attributes }) => attributes['type'] === 'usb')), ...scsiController(theirs, own), ...childrenOf(theirs, 'controller')],
    graphics: () => wantedGraphics(childrenOf(theirs, 'graphics'), childrenOf(own, 'graphics'), options, reading),
    video: () => (childOf(theirs, 'video') === undefined ? childrenOf(own, 'video') : childrenOf(theirs, 'video')),
    memballoon: () => (childOf(theirs, 'memballoon') === undefined ? childrenOf(own, 'memballoon') : childrenOf(theirs, 'memballoon')),
  };
  const rest = (theirs?.children ?? []).filter((child): child is XmlElement => typeof child === 'object' && !(child.name in parts));
  return element('devices', {}, ...[...rest, ...Object.values(parts).flatMap((part) => part())].map((child) => child && withoutAlias(child)));
}

/** Whether a channel is that of the QEMU guest agent. */
export function isAgent(channel: XmlElement): boolean {
  const target = childOf(channel, 'target')?.attributes ?? {};
  return target['type'] === 'virtio' && target['name'] === 'org.qemu.guest_agent.0';
}

/** Ours with what the template says of it: its attributes and elements count, but for those that are ours to say. */
function over(own: XmlElement, theirs: XmlElement, { ours: names, attributes = {} }: { readonly ours: readonly string[]; readonly attributes?: Readonly<Record<string, string>> }): XmlElement {
  const kept = own.children.filter((child) => typeof child === 'object' && (names.includes(child.name) || childOf(theirs, child.name) === undefined));
  const said = theirs.children.filter((child) => typeof child === 'object' && !names.includes(child.name));
  return element(own.name, { ...own.attributes, ...theirs.attributes, ...attributes }, ...kept, ...said);
}

function wantedDisks(root: XmlElement, own: readonly XmlElement[], { disks }: DeviceOptions): XmlElement[] {
  const [rootDisk, ...extra] = own;
  const template = rootDiskOf(root);
  const bootsByOrder = childrenOf(childOf(root, 'os'), 'boot').length === 0;
  const withFiles = [...(rootDisk === undefined ? [] : [{ mine: rootDisk, theirs: template }]), ...extra.map((mine, index) => ({ mine, theirs: disks[index]?.xml }))];
  const drives = allDisks(root).filter((disk) => disk !== template && fileOfDisk(disk) === undefined);
  return [...withFiles.map(({ mine, theirs }) => wantedDisk(mine, theirs ?? element('disk'), bootsByOrder, mine === rootDisk)), ...drives];
}

/** Source, layers and format are ours. An order of boot devices in `os` and one of devices exclude each other. */
function wantedDisk(own: XmlElement, theirs: XmlElement, bootsByOrder: boolean, isRoot: boolean): XmlElement {
  const driver = { ...childOf(own, 'driver')?.attributes, ...childOf(theirs, 'driver')?.attributes, name: 'qemu', type: 'qcow2' };
  const disk = over(own, { ...theirs, children: theirs.children.filter((child) => typeof child === 'object' && child.name !== 'driver') }, {
    ours: ['source', 'backingStore'],
    attributes: { type: 'file', device: isRoot ? 'disk' : (theirs.attributes['device'] ?? 'disk') },
  });
  const children = disk.children.filter((child) => typeof child === 'object' && child.name !== 'driver' && (child.name !== 'boot' || bootsByOrder));
  return element('disk', disk.attributes, element('driver', driver), ...children);
}

function wantedNics(theirs: readonly XmlElement[], own: readonly XmlElement[], { where }: DeviceOptions, reading: SeeReading): XmlElement[] {
  const onNetworks = theirs.filter(({ attributes }) => attributes['type'] === 'network');
  return [
    ...own.map((mine, index) => {
      const nic = onNetworks[index] ?? element('interface', { type: 'network' });
      tellOfNic(nic, `${where}: devices/interface[${theirs.indexOf(nic) + 1}]`, reading);
      const wanted = over(mine, nic, { ours: ['mac', 'source', 'filterref'] });
      // Without a model libvirt chooses one by the machine, as it did for SEE.
      return element('interface', wanted.attributes, ...wanted.children.filter((child) => typeof child === 'object' && (child.name !== 'model' || childOf(nic, 'model') !== undefined)));
    }),
    ...theirs.filter(({ attributes }) => attributes['type'] !== 'network'),
  ];
}

function tellOfNic(nic: XmlElement, place: string, reading: SeeReading): void {
  if (childOf(nic, 'mac') !== undefined) reading.note('otherwise', `${place}/mac`, 'each sandbox has a MAC address of its own');
  if (childOf(nic, 'filterref') !== undefined) reading.note('otherwise', `${place}/filterref`, "left out: egress rules of the sandbox stand in its place, which hold it to its own MAC address");
  const { network: _network, ...rest } = childOf(nic, 'source')?.attributes ?? {};
  const left = Object.keys(rest).filter((name) => !['bridge', 'portid'].includes(name));
  if (left.length > 0) reading.note('omitted', `${place}/source`, `left out: ${left.join(', ')}`);
}

/** The first of each with the first of ours, e.g. for the log of the console. */
function merged(theirs: readonly XmlElement[], own: readonly XmlElement[]): XmlElement[] {
  const [first, ...rest] = theirs;
  const [mine] = own;
  if (first === undefined || mine === undefined) return [...theirs, ...own.slice(theirs.length)];
  return [over(mine, first, { ours: ['log'] }), ...rest];
}

function usesUsb(devices: XmlElement | undefined): boolean {
  const all = (devices?.children ?? []).filter((child) => typeof child === 'object');
  return all.some(({ name, attributes, children }) => (name === 'controller' && attributes['type'] === 'usb') || attributes['bus'] === 'usb' || ['hub', 'redirdev'].includes(name) || (name === 'hostdev' && attributes['type'] === 'usb') || children.some((child) => typeof child === 'object' && child.name === 'target' && child.attributes['bus'] === 'usb'));
}

/** Ours, where a disk needs one and the template does not say which. */
function scsiController(theirs: XmlElement | undefined, own: XmlElement | undefined): XmlElement[] {
  const isScsi = ({ attributes }: XmlElement): boolean => attributes['type'] === 'scsi';
  return childrenOf(theirs, 'controller').some(isScsi) ? [] : childrenOf(own, 'controller').filter(isScsi);
}

/** On loopback, on a port that is free: two sandboxes of one template must not meet there. */
function wantedGraphics(theirs: readonly XmlElement[], own: readonly XmlElement[], { where }: DeviceOptions, reading: SeeReading): XmlElement[] {
  const usable = theirs.filter(({ attributes }) => ['vnc', 'spice'].includes(attributes['type'] ?? ''));
  for (const { attributes } of theirs) {
    const { type = '', passwd, listen, port } = attributes;
    const place = `${where}: devices/graphics`;
    if (!['vnc', 'spice'].includes(type)) reading.note('omitted', place, `left out: type '${type}' draws on the host; \`sandform screen\` shows the display`);
    if (passwd !== undefined) reading.note('otherwise', place, 'no password: the display listens on loopback only, and a password would stand in plan and metadata');
    if ((listen !== undefined && listen !== '127.0.0.1') || (port !== undefined && port !== '-1')) reading.note('otherwise', place, 'listens on loopback, at a free port; `sandform screen` leads there');
  }
  const [mine] = own;
  if (usable.length === 0 || mine === undefined) return [...own];
  return usable.map((graphics) => {
    const { passwd: _passwd, passwdValidTo: _until, listen: _listen, port: _port, tlsPort: _tls, websocket: _web, socket: _socket, autoport: _auto, ...rest } = graphics.attributes;
    const children = graphics.children.filter((child) => typeof child === 'object' && child.name !== 'listen');
    return element('graphics', { ...mine.attributes, ...rest }, ...mine.children.filter((child) => typeof child === 'object' && child.name === 'listen'), ...children);
  });
}

/** Aliases are libvirt's own, unless they say that a user gave them. */
function withoutAlias(device: XmlElement): XmlElement {
  return { ...device, children: device.children.filter((child) => typeof child === 'string' || child.name !== 'alias' || (child.attributes['name'] ?? '').startsWith('ua-')) };
}
