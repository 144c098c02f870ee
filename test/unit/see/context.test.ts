import { CONTEXT, TEMPLATE, machine, told, translated } from './see-files';

const network = (xml: string) => ({ 'net.xml': `<network>${xml}</network>` });
const withNetwork = (configuration: object) => ({ ...CONTEXT, network: configuration });

describe("a context configuration of SEE's", () => {
  it('becomes a sandbox of our own, off until a run, open as in SEE', () => {
    const { declaration, notes } = translated(CONTEXT);
    expect(declaration).toMatchObject({ hypervisor: 'qemu', image: { from: 'path', path: '/images/base.qcow2', format: 'qcow2' }, memory: '512MiB', vcpus: 1, machine: 'pc', display: false, agent: false, networks: [{ existing: 'default' }], hooks: [] });
    expect(declaration?.uri).toBeUndefined();
    expect(notes.filter(({ kind }) => kind === 'attention').map(({ where }) => where)).toEqual(['context.json: disk', 'domain.xml']);
  });

  it.each<[what: string, context: unknown, mistakes: string[]]>([
    ['nothing at all', {}, ['SEE_INVALID context.json: domain']],
    ['a list', [], ['SEE_INVALID context.json']],
    ['a mistyped key', { ...CONTEXT, hipervisor: 'qemu:///system' }, ['SEE_INVALID context.json: hipervisor']],
    ['a mistyped key below', { ...CONTEXT, disk: { image: '/images/base.qcow2', clone: { storage_pool_path: '/pool', copy_on_wite: true } } }, ['SEE_INVALID context.json: disk.clone.copy_on_wite']],
    ['a number for an image', { ...CONTEXT, disk: { image: 7 } }, ['SEE_INVALID context.json: disk.image']],
    ['an image without a provider', { ...CONTEXT, disk: { image: { name: 'x', providr: 'x', provider_configuration: {} } } }, ['SEE_INVALID context.json: disk.image: provider', 'SEE_INVALID context.json: disk.image: providr']],
    ['null for a clone', { ...CONTEXT, disk: { image: '/images/base.qcow2', clone: null } }, ['SEE_INVALID context.json: disk.clone']],
    ['no disk', { domain: { configuration: 'domain.xml' } }, ['SEE_INVALID context.json: disk']],
    ['a missing image and a missing template', { domain: { configuration: 'none.xml' }, disk: { image: 'none.qcow2' } }, ['SEE_INVALID context.json: domain.configuration', 'IMAGE_MISSING context.json: disk.image']],
    ['a folder for an image', { ...CONTEXT, disk: { image: '/images' } }, ['IMAGE_MISSING context.json: disk.image']],
    ['a network that says nothing', withNetwork({}), ['SEE_INVALID context.json: network']],
    ['a missing network XML', withNetwork({ configuration: 'none.xml' }), ['SEE_INVALID context.json: network.configuration']],
    ['host bits', withNetwork({ dynamic_address: { ipv4: '10.0.0.1', prefix: 8, subnet_prefix: 24 } }), ['SEE_INVALID context.json: network.dynamic_address']],
    ['a subnet wider than its range', withNetwork({ dynamic_address: { ipv4: '10.0.0.0', prefix: 16, subnet_prefix: 8 } }), ['SEE_INVALID context.json: network.dynamic_address.subnet_prefix']],
    ['a subnet without room', withNetwork({ dynamic_address: { ipv4: '10.0.0.0', prefix: 16, subnet_prefix: 31 } }), ['SEE_INVALID context.json: network.dynamic_address.subnet_prefix']],
    ['a netmask that is none', withNetwork({ dynamic_address: { ipv4: '10.0.0.0', prefix: '255.0.255.0', subnet_prefix: 24 } }), ['SEE_INVALID context.json: network.dynamic_address']],
  ])('is refused with %s', (_, context, mistakes) => {
    const translation = translated(context);
    expect(told(translation)).toEqual(mistakes);
    expect(translation.declaration).toBeUndefined();
  });

  it('is told all its mistakes at once, with what was probably meant', () => {
    const { mistakes } = translated({ ...CONTEXT, netwrk: {}, disk: { image: 'gone.qcow2', Clone: {} } }, { hooks: { hooks: [{ name: 'plugins.screen.ScreenHok' }] } });
    expect(mistakes.map(({ doing, fix }) => [doing, fix])).toEqual([
      ['hooks.json: hooks.0 (plugins.screen.ScreenHok)', "did you mean 'ScreenHook'?"],
      ['context.json: netwrk', "did you mean 'network'?"],
      ['context.json: disk.Clone', "did you mean 'clone'?"],
      ['context.json: disk.image', 'correct the path, which counts from the working directory as in SEE'],
    ]);
  });

  it('names what means nothing, or is done otherwise', () => {
    const { notes } = translated({ ...CONTEXT, name: 'x', domain: { ...CONTEXT.domain, filesystem: { source_path: '/a', target_path: '/b' } }, disk: { image: '/images/base.qcow2', clone: { storage_pool_path: '/pool', copy_on_write: [] } } });
    expect(notes.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      'meaningless context.json: name',
      'meaningless context.json: domain.filesystem',
      'meaningless context.json: disk.clone.storage_pool_path',
      'otherwise context.json: disk.clone.copy_on_write',
      'attention domain.xml',
    ]);
  });
});

describe("a network of SEE's", () => {
  it.each<[string, object, string | undefined, object]>([
    ['a range', { dynamic_address: { ipv4: '192.168.0.0', prefix: 16, subnet_prefix: 24 } }, undefined, { forward: 'nat', pick: { range: '192.168.0.0/16', prefix: 24 } }],
    ['a prefix as text', { dynamic_address: { ipv4: '192.168.0.0', prefix: '16', subnet_prefix: 16 } }, undefined, { forward: 'nat', pick: { range: '192.168.0.0/16', prefix: 16 } }],
    ['a netmask', { dynamic_address: { ipv4: '10.0.0.0', prefix: '255.0.0.0', subnet_prefix: 29 } }, undefined, { forward: 'nat', pick: { range: '10.0.0.0/8', prefix: 29 } }],
    ['an XML with addresses', { configuration: 'net.xml' }, "<forward mode='nat'/><ip address='10.1.2.1' netmask='255.255.255.0'><dhcp/></ip>", { forward: 'nat', subnet: '10.1.2.0/24' }],
    ['a forward element without a mode', { configuration: 'net.xml' }, "<forward/><ip address='10.1.2.1' prefix='24'/>", { forward: 'nat', subnet: '10.1.2.0/24' }],
    ['no forward element', { configuration: 'net.xml' }, "<ip address='10.1.2.1' prefix='24'/><ip family='ipv6' address='fd00::1' prefix='64'/>", { forward: 'isolated', subnet: '10.1.2.0/24', ipv6: 'fd00::/64' }],
    ['a routed one with a range', { configuration: 'net.xml', dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } }, "<forward mode='route'/>", { forward: 'routed', pick: { range: '10.0.0.0/8', prefix: 24 } }],
    ['a bridge of the host, which SEE overwrote', { configuration: 'net.xml' }, "<forward mode='bridge'/><bridge name='br0'/>", { forward: 'bridge', bridge: 'br0' }],
  ])('may be %s', (_, configuration, xml, expected) => {
    const { declaration, mistakes } = translated(withNetwork(configuration), { files: xml === undefined ? {} : network(xml) });
    expect(mistakes.map((mistake) => mistake.format())).toEqual([]);
    expect(declaration?.networks).toEqual([expected]);
  });

  it.each<[string, object, string, string]>([
    ['addresses twice', { configuration: 'net.xml', dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } }, "<ip address='10.1.2.1' prefix='24'/>", 'SEE_INVALID context.json: network'],
    ['a mode that we lack', { configuration: 'net.xml' }, "<forward mode='open'/>", 'SEE_UNOFFERED net.xml: forward'],
    ['mode bridge without a bridge', { configuration: 'net.xml' }, "<forward mode='bridge'/>", 'SEE_INVALID net.xml: bridge'],
    ['an address that is none', { configuration: 'net.xml' }, "<ip address='10.1.2' prefix='24'/>", 'SEE_INVALID net.xml: ip'],
  ])('is refused with %s', (_, configuration, xml, mistake) => {
    expect(told(translated(withNetwork(configuration), { files: network(xml) }))).toEqual([mistake]);
  });

  it('that has what sandbox networks lack is told so', () => {
    const { notes } = translated(withNetwork({ configuration: 'net.xml' }), { files: network("<forward mode='nat' dev='eth0'/><mtu size='9000'/><ip address='10.1.2.254' prefix='24'><dhcp><range start='10.1.2.2' end='10.1.2.9'/><host mac='52:54:00:00:00:01' ip='10.1.2.2'/></dhcp></ip>") });
    expect(notes.map(({ where }) => where).filter((where) => where.startsWith('net.xml'))).toEqual(['net.xml: mtu', 'net.xml: forward/dev', 'net.xml: ip', 'net.xml: ip/dhcp', 'net.xml: ip/dhcp/host']);
  });

  it('brings a NIC where the template has none', () => {
    const { networks, xmlOverrides } = machine(translated(withNetwork({ dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } }), { files: { 'domain.xml': TEMPLATE.replace(/<interface.*<\/interface>/, '') } }));
    expect(networks).toHaveLength(1);
    // libvirt chooses its model, as it did for SEE.
    expect(xmlOverrides).toContainEqual({ path: 'devices/interface/model', value: null });
  });
});

it('reads nothing but what it is given', () => {
  const document = structuredClone({ ...CONTEXT, hypervisor: 'qemu+ssh://host/system' });
  expect(translated(document).declaration?.uri).toBe('qemu+ssh://host/system');
  expect(document).toEqual({ ...CONTEXT, hypervisor: 'qemu+ssh://host/system' });
});
