import fc from 'fast-check';
import { type XmlElement, childOf, childrenOf, domainElement, element, parseXml, withOverrides, xmlDifferences } from '../../../lib/domain-xml';
import type { DomainPart } from '../../../lib/spec';
import { type SeeMachine } from '../../../lib/see';
import { CONTEXT, type Files, TEMPLATE, machine, told, translated } from './see-files';

const FULL = `
<domain type='kvm' id='7' xmlns:ns0='urn:x'>
  <name>template</name><uuid>8d6d8e6e-0000-4000-8000-000000000000</uuid>
  <title>A machine</title>
  <metadata><ns0:note xmlns:ns0='urn:x'/></metadata>
  <memory unit='KiB'>1048000</memory><currentMemory unit='KiB'>524288</currentMemory>
  <vcpu placement='static' cpuset='0-1'>2</vcpu>
  <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type><boot dev='hd'/><bootmenu enable='yes'/></os>
  <features><acpi/><hyperv><relaxed state='on'/></hyperv></features>
  <cpu mode='host-model'><feature policy='disable' name='hypervisor'/></cpu>
  <clock offset='localtime'><timer name='hypervclock' present='yes'/></clock>
  <on_crash>restart</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/iso/tools.iso'/><target dev='hdb' bus='ide'/><readonly/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source file='/old'/><backingStore/><target dev='hda' bus='ide'/><iotune><total_iops_sec>100</total_iops_sec></iotune><alias name='ide0-0-0'/></disk>
    <disk type='file' device='disk'><source file='/images/raw.img'/><target dev='sda' bus='sata'/></disk>
    <disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>
    <controller type='ide' index='0'/>
    <interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='default' portgroup='x'/><model type='e1000'/><filterref filter='clean-traffic'/><link state='up'/></interface>
    <interface type='network'><source network='second'/></interface>
    <serial type='pty'><target port='1'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
    <graphics type='spice' port='5900' passwd='secret'><listen type='address' address='0.0.0.0'/><image compression='off'/></graphics>
    <sound model='ich9'/>
    <video><model type='qxl' ram='65536'/></video>
    <memballoon model='none'/>
  </devices>
</domain>`;
const FULL_FILES: Files = { 'domain.xml': FULL, '/iso/tools.iso': { kind: 'file', format: 'raw' } };

/** The domain as the constructs make it of a declaration. */
function deployed({ accelerator, arch, machine, memory, vcpus, display, agent, disks, networks, xmlOverrides }: SeeMachine, chosen?: DomainPart['accelerator']): XmlElement {
  const image = { digest: 'a'.repeat(64), format: 'qcow2', virtualSize: 1 } as const;
  const part: DomainPart = {
    ...{ hypervisor: 'qemu', accelerator: chosen ?? accelerator ?? 'kvm', name: 'see-sandbox', arch, memory: Number(/\d+/.exec(memory)![0]) * 2 ** 20, vcpus, display, filesystems: [] },
    ...(machine === undefined ? {} : { machine }),
    guest: { name: 'image', agent, user: 'root' },
    disks: [{ name: 'root', image, size: 1, bus: 'virtio' }, ...disks.map(({ name, bus }) => ({ name, image, size: 1, bus }))],
    nics: networks.map((_, index) => ({ network: `net${index}`, mac: `52:54:00:00:00:0${index}`, model: 'virtio', filter: `sandform-see-${index}` })),
    xmlOverrides: [...xmlOverrides],
  };
  return domainElement(part, { volumePath: (disk) => `/pool/${disk}`, baseVolumePath: () => '/pool/base', seedPath: () => '', consolePath: () => '/pool/console' });
}

describe("a template of SEE's", () => {
  const translation = translated(CONTEXT, { files: FULL_FILES });
  const domain = () => deployed(machine(translation));
  const devices = () => childOf(domain(), 'devices')!;

  it('is kept, element for element, where it says something of its own', () => {
    expect(told(translation)).toEqual([]);
    const theirs = parseXml(FULL)!;
    for (const name of ['title', 'currentMemory', 'features', 'cpu', 'clock', 'on_crash', 'os']) expect(sorted(childOf(domain(), name))).toEqual(sorted(childOf(theirs, name)));
    const its = childOf(theirs, 'devices')!;
    for (const name of ['emulator', 'controller', 'sound', 'video', 'memballoon']) {
      // Ours keeps USB off where the template has none.
      const kept = childrenOf(devices(), name).filter(({ attributes }) => attributes['type'] !== 'usb');
      expect(kept.map(sorted)).toEqual(childrenOf(its, name).map(sorted));
    }
    expect(childrenOf(devices(), 'rng')).toEqual([]);
    expect(childOf(domain(), 'vcpu')).toMatchObject({ attributes: { cpuset: '0-1' }, children: ['2'] });
  });

  it('has its image on the first disk that is none but a disk, and copies on the others', () => {
    const [root, cdrom, second, floppy] = childrenOf(devices(), 'disk');
    expect(attributesOf(root!, 'driver')).toEqual({ name: 'qemu', type: 'qcow2', cache: 'none', discard: 'unmap', io: 'native' });
    expect([attributesOf(root!, 'source'), attributesOf(root!, 'target'), childOf(root, 'boot'), childOf(root, 'iotune') !== undefined, childOf(root, 'alias')]).toEqual([{ file: '/pool/root' }, { dev: 'hda', bus: 'ide' }, undefined, true, undefined]);
    expect([cdrom!.attributes['device'], attributesOf(cdrom!, 'source'), attributesOf(cdrom!, 'target')]).toEqual(['cdrom', { file: '/pool/disk1' }, { dev: 'hdb', bus: 'ide' }]);
    expect([attributesOf(second!, 'source'), attributesOf(second!, 'target')]).toEqual([{ file: '/pool/disk3' }, { dev: 'sda', bus: 'sata' }]);
    expect(floppy!.attributes['device']).toBe('floppy');
  });

  it('has NICs with a MAC and a filter of ours', () => {
    const [first, second] = childrenOf(devices(), 'interface');
    expect(['mac', 'source', 'model', 'filterref', 'link'].map((name) => attributesOf(first!, name))).toEqual([{ address: '52:54:00:00:00:00' }, { network: 'net0' }, { type: 'e1000' }, { filter: 'sandform-see-0' }, { state: 'up' }]);
    expect(childOf(second, 'model')).toBeUndefined();
    expect(translation.declaration!.networks).toEqual([{ existing: 'default' }, { existing: 'second' }]);
  });

  it('shows its display on loopback alone, and takes no password along', () => {
    const [graphics] = childrenOf(devices(), 'graphics');
    expect(graphics!.attributes).toEqual({ type: 'spice', port: '-1', autoport: 'yes' });
    expect(attributesOf(graphics!, 'listen')).toEqual({ type: 'address', address: '127.0.0.1' });
    expect(childOf(graphics, 'image')).toBeDefined();
    expect(JSON.stringify(translation)).not.toContain('secret');
  });

  it('is told what is changed or left out', () => {
    expect(translation.notes.map(({ where }) => where.replace(/^(domain\.xml|context\.json): /, ''))).toEqual(
      expect.arrayContaining(['devices/disk', 'devices/disk[1]', 'devices/disk[3]', 'memory', 'metadata', 'devices/interface[1]/mac', 'devices/interface[1]/filterref', 'devices/interface[1]/source', 'devices/graphics']),
    );
  });

  it('gives the same machine under emulation', () => {
    expect(sorted(childOf(deployed(machine(translation), 'tcg'), 'cpu'))).toEqual(sorted(childOf(domain(), 'cpu')));
  });

  it.each<[string, string, string]>([
    ['a device of the host', "<hostdev mode='subsystem' type='pci'/>", 'devices/hostdev'],
    ['a folder of the host', "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>", 'devices/filesystem'],
    ['a block device', "<disk type='block' device='disk'><source dev='/dev/sda'/><target dev='vdb'/></disk>", 'devices/disk'],
    ["a NIC on the host's bridge", "<interface type='bridge'><source bridge='br0'/></interface>", 'devices/interface'],
    ['a file for a serial port', "<serial type='file'><source path='/etc/cron.d/x'/></serial>", 'devices/serial'],
    ['a socket of the host', "<channel type='unix'><source path='/run/x'/><target type='virtio' name='x'/></channel>", 'devices/channel'],
    ["the host's TPM", "<tpm><backend type='passthrough'/></tpm>", 'devices/tpm'],
  ])('that hands over %s is refused, unless it is trusted', (_, xml, place) => {
    const files = { 'domain.xml': TEMPLATE.replace('</devices>', `${xml}</devices>`) };
    expect(told(translated(CONTEXT, { files }))).toEqual([`SEE_HOST_REACH domain.xml: ${place}`]);
    const trusted = translated(CONTEXT, { files, trusted: true });
    expect(trusted.notes).toContainEqual(expect.objectContaining({ kind: 'attention', where: `domain.xml: ${place}` }));
    const name = place.split('/')[1]!;
    const [theirs] = childrenOf(childOf(parseXml(`<d>${xml}</d>`), name) === undefined ? undefined : parseXml(`<d>${xml}</d>`)!, name);
    expect(childrenOf(childOf(deployed(machine(trusted)), 'devices'), name).some(({ attributes }) => attributes['type'] === theirs!.attributes['type'])).toBe(true);
  });

  it.each<[string, string, string]>([
    ['arguments for QEMU', "<qemu:commandline><qemu:arg value='-s'/></qemu:commandline>", 'qemu:commandline'],
    ['no confinement', "<seclabel type='none'/>", 'seclabel'],
  ])('with %s is refused, unless it is trusted', (_, xml, place) => {
    const files = { 'domain.xml': TEMPLATE.replace("<domain type='kvm'>", "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>").replace('</domain>', `${xml}</domain>`) };
    expect(told(translated(CONTEXT, { files }))).toEqual([`SEE_HOST_REACH domain.xml: ${place}`]);
    const made = deployed(machine(translated(CONTEXT, { files, trusted: true })));
    expect(childOf(made, place)).toBeDefined();
    expect(made.attributes['xmlns:qemu']).toBe('http://libvirt.org/schemas/domain/qemu/1.0');
  });

  it.each<[string, string, string]>([
    ['no XML', 'Dear Sir', 'SEE_INVALID domain.xml'],
    ['a network', '<network/>', 'SEE_INVALID domain.xml'],
    ['no memory', TEMPLATE.replace(/<memory>.*<\/memory>/, ''), 'SEE_INVALID domain.xml: memory'],
    ['processors without number', TEMPLATE.replace('<os>', '<vcpu>many</vcpu><os>'), 'SEE_INVALID domain.xml: vcpu'],
    ['a machine of another kind', TEMPLATE.replace('<type>', "<type arch='s390x'>"), 'SEE_INVALID domain.xml: os/type'],
    ['a missing second disk', TEMPLATE.replace('</devices>', "<disk type='file'><source file='/gone'/><target dev='vdb'/></disk></devices>"), 'IMAGE_MISSING domain.xml: devices/disk[2]'],
    ['a missing kernel', TEMPLATE.replace('</os>', '<kernel>/gone</kernel></os>'), 'IMAGE_MISSING domain.xml: os'],
  ])('is refused with %s', (_, xml, mistake) => {
    expect(told(translated(CONTEXT, { files: { 'domain.xml': xml } }))).toEqual([mistake]);
  });
});

describe('differences of XML', () => {
  const tree = fc.letrec<{ node: XmlElement }>((tie) => ({
    node: fc.record({
      name: fc.constantFrom('a', 'b', 'ns:c'),
      attributes: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2 3', '')),
      children: fc.oneof({ depthSize: 'small' }, fc.array(fc.constantFrom('text', '1', ''), { maxLength: 1 }), fc.array<XmlElement>(tie('node'), { maxLength: 4 })),
    }),
  })).node;

  it('turn any element into any other', () => {
    fc.assert(
      fc.property(tree, tree, (from, wanted) => {
        const [one, other] = [element('r', {}, ...from.children), element('r', {}, ...wanted.children)];
        expect(sorted(withOverrides(one, xmlDifferences(one, other)))).toEqual(sorted(other));
      }),
      { numRuns: 500 },
    );
  });
});

/** With what the order of differently named children and empty texts say left out. */
function sorted(node: XmlElement | undefined): unknown {
  if (node === undefined) return undefined;
  const below = node.children.filter((child): child is XmlElement => typeof child === 'object');
  const text = node.children.filter((child) => typeof child === 'string').join('').trim();
  const names = [...new Set(below.map(({ name }) => name))].sort();
  return { name: node.name, attributes: Object.fromEntries(Object.entries(node.attributes).sort()), text: below.length > 0 ? '' : text, below: names.map((name) => childrenOf(node, name).map(sorted)) };
}

function attributesOf(parent: XmlElement, name: string): Record<string, string> | undefined {
  return childOf(parent, name)?.attributes;
}
