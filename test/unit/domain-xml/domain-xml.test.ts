import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { type DomainPart, METADATA, Subnet, domainXml, networkXml, readDomainXml } from '../../../lib';
import { childOf, childrenOf, element, parseXml, textOf } from '../../../lib/domain-xml';
import { qemuDomain, values } from './sample-domains';

const linkOn = (subnet: string) => ({ subnet: Subnet.parse(subnet), forwardsNames: false, domain: 'lab', hosts: [{ mac: '52:54:00:00:00:01', address: Subnet.parse(subnet).addressAt(2), name: 'victim' }] });
const devicesOf = (domain: DomainPart) => childOf(parseXml(domainXml(domain, values)), 'devices');
const one = (domain: DomainPart, name: string) => childOf(parseXml(domainXml(domain, values)), name);

describe('the XML of a QEMU domain', () => {
  it('names KVM unless emulation is asked for', () => {
    expect(parseXml(domainXml({ ...qemuDomain, accelerator: 'kvm' }, values))?.attributes['type']).toBe('kvm');
    expect(parseXml(domainXml(qemuDomain, values))?.attributes['type']).toBe('qemu');
  });

  it('gives the guest no nested virtualization under KVM', () => {
    const features = childrenOf(one({ ...qemuDomain, accelerator: 'kvm' }, 'cpu'), 'feature').map(({ attributes }) => attributes);
    expect(features).toEqual([{ policy: 'disable', name: 'vmx' }, { policy: 'disable', name: 'svm' }]);
  });

  it('boots its kernel from base volumes and nothing from disk', () => {
    expect(textOf(childOf(one(qemuDomain, 'os'), 'kernel'))).toBe(`/pool/base.${'b'.repeat(64)}`);
    expect(textOf(childOf(one(qemuDomain, 'os'), 'initrd'))).toBe(`/pool/base.${'c'.repeat(64)}`);
    expect(childrenOf(devicesOf(qemuDomain), 'disk').some((disk) => childOf(disk, 'boot'))).toBe(false);
  });

  it('boots from its first disk where it has no kernel', () => {
    const { kernelBoot: _, ...firmware } = qemuDomain;
    const bootable = childrenOf(devicesOf(firmware), 'disk').map((disk) => childOf(disk, 'boot')?.attributes['order']);
    expect(bootable).toEqual(['1', undefined, undefined, undefined]);
  });

  it('names disks by bus in their order, the cloud-init seed last and read-only', () => {
    const disks = readDomainXml(domainXml(qemuDomain, values))!.disks;
    expect(disks.map(({ target, file, readonly }) => [target, file, readonly])).toEqual([
      ['vda', '/pool/lab-victim.root.qcow2', false],
      ['sda', '/pool/lab-victim.data.qcow2', false],
      ['sdb', '/pool/lab-victim.more.qcow2', false],
      ['vdb', '/pool/lab-victim.seed.iso', true],
    ]);
  });

  it('gives the twenty-eighth disk of a bus a name of two letters', () => {
    const disks = Array.from({ length: 28 }, (_, index) => ({ name: `d${index}`, size: 2 ** 30, bus: 'virtio' as const }));
    expect(readDomainXml(domainXml({ ...qemuDomain, disks }, values))!.disks[27]!.target).toBe('vdab');
  });

  it('leaves the owner of shared images alone', () => {
    const bases = childrenOf(devicesOf(qemuDomain), 'disk').flatMap((disk) => childrenOf(disk, 'backingStore'));
    expect(bases.map((base) => childOf(childOf(base, 'source'), 'seclabel')?.attributes)).toEqual([{ model: 'dac', relabel: 'no' }]);
  });

  it('listens on loopback only, and on nothing without a display', () => {
    const listens = childrenOf(devicesOf(qemuDomain), 'graphics').flatMap((graphics) => childrenOf(graphics, 'listen')).map(({ attributes }) => attributes['address']);
    expect(listens).toEqual(['127.0.0.1']);
    expect(childrenOf(devicesOf({ ...qemuDomain, display: false }), 'graphics')).toEqual([]);
  });

  it('has a port for each channel of the guest', () => {
    expect(readDomainXml(domainXml(qemuDomain, values))!.channels).toEqual([{ name: 'org.sandform.exec.0' }, { name: 'org.qemu.guest_agent.0' }]);
    expect(readDomainXml(domainXml({ ...qemuDomain, guest: { name: 'image', agent: false, user: 'root' } }, values))!.channels).toEqual([]);
  });

  it('keeps a crashed guest for whoever looks at it, and frees one that was shut down', () => {
    expect(textOf(one(qemuDomain, 'on_crash'))).toBe('preserve');
    expect(textOf(one(qemuDomain, 'on_poweroff'))).toBe('destroy');
  });

  it('has room for a second processor where emulation would do without memory barriers, and still one processor', () => {
    const vcpu = (changes: Partial<DomainPart>) => childrenOf(parseXml(domainXml({ ...qemuDomain, ...changes }, values)), 'vcpu')[0]!;
    expect(vcpu({ accelerator: 'tcg', vcpus: 1 })).toMatchObject({ attributes: { current: '1' }, children: ['2'] });
    expect(readDomainXml(domainXml({ ...qemuDomain, accelerator: 'tcg', vcpus: 1 }, values))!.vcpus).toBe(1);
    for (const changes of [{ accelerator: 'kvm', vcpus: 1 }, { accelerator: 'tcg', vcpus: 2 }, { accelerator: 'tcg', arch: 'aarch64', vcpus: 1 }] as const) {
      expect(vcpu(changes)).toEqual(element('vcpu', { placement: 'static' }, String(changes.vcpus)));
    }
  });

  it('is plain ASCII whatever it holds', () => {
    const xml = domainXml({ ...qemuDomain, kernelBoot: { ...qemuDomain.kernelBoot!, cmdline: 'ünï 😀' } }, values);
    expect(xml).toMatch(/^[\n\x20-\x7e]*$/);
    expect(xml).toContain('&#252;n&#239; &#128512;');
  });
});

describe('what is read back from domain XML', () => {
  it('is what was written', () => {
    const facts = readDomainXml(domainXml(qemuDomain, values))!;
    expect(facts).toMatchObject({
      name: 'lab-victim',
      uuid: values.uuid,
      type: 'qemu',
      memory: qemuDomain.memory,
      vcpus: 2,
      identity: '{"a":"<&>"}',
      conduct: '{}',
      interfaces: [{ mac: '52:54:00:01:02:03', network: 'lab-net', model: 'virtio', addresses: [] }],
      display: { type: 'vnc' },
    });
    expect(facts.id).toBeUndefined();
  });

  it('finds metadata by namespace, whatever the prefix', () => {
    const xml = `<domain type='kvm' id='3'><name>x</name><metadata><a:conduct xmlns:a="${METADATA.conduct.uri}">{"b":1}</a:conduct></metadata><memory unit='KiB'>2048</memory></domain>`;
    expect(readDomainXml(xml)).toMatchObject({ conduct: '{"b":1}', id: 3, memory: 2 ** 21 });
    expect(readDomainXml(xml)?.identity).toBeUndefined();
  });

  it('tells whether the guest has a port open', () => {
    const channel = (state: string) => `<channel type='unix'><target type='virtio' name='p' state='${state}'/></channel>`;
    const xml = `<domain type='kvm'><name>x</name><devices>${channel('connected')}${channel('disconnected')}<channel type='spicevmc'/></devices></domain>`;
    expect(readDomainXml(xml)!.channels).toEqual([{ name: 'p', connected: true }, { name: 'p', connected: false }]);
  });

  it.each(['', 'nonsense', '<network/>', '<a><b></a>'])('is nothing for %j', (text) => {
    expect(readDomainXml(text)).toBeUndefined();
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string().map((text) => `<domain><name>${text}</name></domain>`)), (text) => {
      expect(() => readDomainXml(text)).not.toThrow();
    }));
  });
});

describe('text of users', () => {
  const hostile = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('${x}', '%{ if true }', '"', "'", '<&>', ']]>', '{{}}', '😀', '&#10;', '&amp;', '-->')).filter((text) => !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(text));

  it('comes through as it is', () => {
    fc.assert(fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('x')), (text) => {
      const domain: DomainPart = { ...qemuDomain, kernelBoot: { ...qemuDomain.kernelBoot!, cmdline: text }, xmlOverrides: [{ path: 'devices/tpm', attribute: 'model', value: text }] };
      // xmllint reads what the library wrote: two readings that agree, one of them libvirt's.
      const read = spawnSync('xmllint', ['--xpath', 'concat(//cmdline, "\n", //tpm/@model)', '-'], { input: domainXml(domain, { ...values, metadata: { identity: text } }), encoding: 'utf8' });
      expect(read.stdout.replace(/\n$/, '')).toBe(`${text}\n${text}`);
    }), { numRuns: 25 });
  });
});

describe('raw changes of the XML', () => {
  const changed = (...xmlOverrides: DomainPart['xmlOverrides']) => parseXml(domainXml({ ...qemuDomain, xmlOverrides }, values))!;

  it('set attributes and texts, of the element that is counted', () => {
    const root = changed({ path: 'devices/disk[2]/driver', attribute: 'cache', value: 'none' }, { path: 'on_crash', value: 'restart' });
    const caches = childrenOf(childOf(root, 'devices'), 'disk').map((disk) => childOf(disk, 'driver')?.attributes['cache']);
    expect(caches).toEqual(['unsafe', 'none', 'unsafe', undefined]);
    expect(textOf(childOf(root, 'on_crash'))).toBe('restart');
  });

  it('add what is missing', () => {
    const root = changed({ path: '/', attribute: 'xmlns:qemu', value: 'http://libvirt.org/schemas/domain/qemu/1.0' }, { path: 'qemu:commandline/qemu:arg', attribute: 'value', value: '-snapshot' });
    expect(root.attributes['xmlns:qemu']).toBe('http://libvirt.org/schemas/domain/qemu/1.0');
    expect(childOf(childOf(root, 'qemu:commandline'), 'qemu:arg')?.attributes).toEqual({ value: '-snapshot' });
  });

  it('remove attributes and elements, and mind nothing that is not there', () => {
    const root = changed({ path: 'devices/rng', value: null }, { path: 'cpu', attribute: 'mode', value: null }, { path: 'devices/tpm/backend', value: null });
    expect(childOf(childOf(root, 'devices'), 'rng')).toBeUndefined();
    expect(childOf(root, 'cpu')?.attributes).toEqual({});
    expect(childOf(childOf(root, 'devices'), 'tpm')).toBeUndefined();
  });
});

describe('the XML of a network', () => {
  it('leaves the first address to the host and the others to DHCP', () => {
    const root = parseXml(networkXml({ name: 'n', bridge: 'b', forward: 'nat', link: linkOn('10.88.3.0/29'), metadata: '{}' }));
    const ip = childOf(root, 'ip');
    expect(ip?.attributes).toMatchObject({ address: '10.88.3.1', prefix: '29' });
    expect(childOf(childOf(ip, 'dhcp'), 'range')?.attributes).toEqual({ start: '10.88.3.2', end: '10.88.3.6' });
  });

  it('forwards nothing from an isolated one', () => {
    const root = parseXml(networkXml({ name: 'n', bridge: 'b', forward: 'isolated', link: linkOn('10.88.3.0/24'), metadata: '{}' }));
    expect(childOf(root, 'forward')).toBeUndefined();
  });
});
