import { CompanionCall, type DeclaredMachine, Guest, type HypervisorProps, Image, Sandbox, SandboxNetwork, type SandboxProps, SandboxStack, defineHypervisor, domainXml, isolationOf, mistakesOf } from '../../index';
import { Screenshots } from '../../hooks-runtime/hooks';
import { type Plan, companionCall, qcow2, resources, workbench } from './synthesized';

const bench = workbench();
const image = () => Image.fromPath(bench.file('disk.qcow2', qcow2()));
const trial = (props: Partial<HypervisorProps> = {}) =>
  defineHypervisor({
    ...{ name: 'trial', uri: 'test:///default', offers: ['poweron', 'network'], isolation: 'emulation' },
    domainXml: ({ disks }) => `<domain type='test'>\n  <os><type>hvm</type></os>\n  <devices>${disks.map(({ path }) => `<disk type='file'><source file='${path}'/><target dev='vda'/></disk>`).join('')}</devices>\n</domain>`,
    ...props,
  });
const lab = (guest: Guest, props: (stack: SandboxStack) => Partial<SandboxProps> = () => ({})): Plan =>
  bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    new Sandbox(stack, 'box', { guest, ...props(stack) });
  })['lab']!;
const existing = (stack: SandboxStack) => [SandboxNetwork.fromName(stack, 'net', 'vboxnet0')];

function mistakesIn(guest: Guest, props?: (stack: SandboxStack) => Partial<SandboxProps>): string {
  try {
    lab(guest, props);
    return 'nothing';
  } catch (error) {
    return JSON.stringify(error);
  }
}

describe.each([
  ['VirtualBox', () => Guest.virtualBox(image()), { hypervisor: 'vbox' }],
  ['a hypervisor that the declaration brings along', () => Guest.on(trial(), { image: image() }), { hypervisor: 'other', driver: 'test:///default' }],
])('a machine of %s in a plan', (_, guest, driver) => {
  it.each(['0.8', '0.9'])('is made by the companion, whichever provider is selected: %s has no domain and no disk of it', (provider) => {
    process.env['SANDFORM_PROVIDER'] = provider;
    const plan = lab(guest());
    expect(resources(plan, 'libvirt_domain')).toEqual({});
    expect(Object.keys(resources(plan, 'libvirt_volume'))).toEqual(['companion/marker', 'companion/settled']);
    const call = companionCall(plan, 'after', 'conduct/0');
    expect(call).toMatchObject([{ action: 'make', ...driver }, { action: 'conduct', ...driver }, { action: 'settle' }]);
    expect(companionCall(plan, 'before', 'host/0').map(({ action }) => action as string)).toEqual(['begin', 'image', 'domain']);
    const known = JSON.parse(JSON.stringify(call), (key, value: unknown) => (key === 'uuid' ? '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10' : value)) as unknown;
    expect(mistakesOf(CompanionCall, known)).toEqual([]);
  });

  it('may have NICs on networks that are there, where it is said that everything passes', () => {
    const plan = lab(guest(), (stack) => ({ networks: existing(stack), egress: 'open' }));
    expect(companionCall(plan, 'before', 'host/0').at(-1)).toMatchObject({ action: 'domain', nics: [] });
    expect(companionCall(plan, 'after', 'conduct/0')[0]!['domain'].nics).toEqual([expect.not.objectContaining({ filter: expect.anything() })]);
    expect(mistakesIn(guest(), (stack) => ({ networks: existing(stack) }))).toMatch(/a filtered NIC, which needs 'egress'/);
    expect(mistakesIn(guest(), (stack) => ({ networks: [new SandboxNetwork(stack, 'net', { subnet: '10.88.0.0/24' })], egress: 'open' }))).toMatch(/lab\/net, a network of QEMU and containers/);
  });

  it.each<[string, Partial<SandboxProps>]>([
    ['rootSize', { rootSize: '2GiB' }],
    ['machine', { machine: 'q35' }],
    ['accelerator', { accelerator: 'tcg' }],
    ['cloudInit', { cloudInit: { userData: '#cloud-config\n' } }],
    ['overrides', { overrides: { a: 1 } }],
  ])('has no %s', (name, props) => {
    expect(mistakesIn(guest(), () => props)).toContain(`${name} on another hypervisor than QEMU`);
  });

  it('shares no folders', () => {
    expect(mistakesIn(guest(), () => ({ mounts: [{ source: '/srv', target: '/srv' }] }))).toContain('mounts of a virtual machine');
  });
});

describe('a hypervisor that a declaration brings along', () => {
  it.each([
    ['qemu:///system', 'xen:///system', true],
    ['qemu:///system', 'xen+ssh://elsewhere/', false],
    ['qemu+ssh://root@one/system', 'xen+ssh://root@one/', true],
    ['qemu+ssh://root@one/system', 'xen+ssh://root@two/', false],
  ])('is on the machine of a stack at %s with %s: %s', (uri, driver, isThere) => {
    const synth = () =>
      bench.synth((app) => {
        const stack = new SandboxStack(app, 'lab', { app: 'tests', uri });
        new Sandbox(stack, 'box', { guest: Guest.on(trial({ uri: driver }), { image: image() }) });
      });
    if (isThere) synth();
    else expect(synth).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ code: 'DRIVER_ELSEWHERE', given: `${driver}, in a stack at ${uri}` })] }));
  });

  const box = (guest: Guest, props: Partial<SandboxProps> = {}) => companionCall(lab(guest, () => props), 'after', 'conduct/0')[0]!['domain'];

  it('gives the XML of its machines, into which the host puts what it alone knows', () => {
    const seen: DeclaredMachine[] = [];
    const xml = `<domain type='xen'><os><type>xen</type></os><devices><disk><source file='PATH'/></disk><input/></devices></domain>`;
    const guest = Guest.on(trial({ domainXml: (machine) => (seen.push(machine), xml.replace('PATH', machine.disks[0]?.path ?? '')) }), { image: image(), memory: '64MiB', vcpus: 2 });
    const domain = box(guest);
    expect(seen[0]).toMatchObject({ name: 'lab-box', vcpus: 2, memory: 2 ** 26, display: false, disks: [{ name: 'root', size: 2 ** 28 }], nics: [] });
    const none = () => '';
    const rendered = domainXml(domain, { uuid: '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10', volumePath: (disk) => `/pool/a'b.${disk}.raw`, baseVolumePath: none, seedPath: none, consolePath: none });
    expect(rendered.replace(/\s+/g, ' ')).toBe(`<domain type="xen"> <name>lab-box</name> <uuid>6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10</uuid> <memory unit="KiB">65536</memory> <vcpu placement="static">2</vcpu> <os> <type>xen</type> </os> <devices> <disk> <source file="/pool/a&apos;b.root.raw"/> </disk> <input/> </devices> </domain>`);
    expect(isolationOf(domain)).toEqual({ level: 'emulation', meaning: expect.stringContaining("'trial'") });
  });

  it('is another machine with another XML, and the same with the same', () => {
    const digest = (hypervisor: ReturnType<typeof trial>) => companionCall(lab(Guest.on(hypervisor)), 'after', 'conduct/0')[0]!['identity'].digest as string;
    const other = trial({ domainXml: () => "<domain type='test'><os><type>hvm</type></os><devices/></domain>" });
    expect([digest(trial()) === digest(trial()), digest(trial()) === digest(other)]).toEqual([true, false]);
  });

  it.each<[string, Partial<HypervisorProps>, Partial<SandboxProps>, RegExp]>([
    ['a name that no message can show', { name: 'A b' }, {}, /a hypervisor 'A b'/],
    ['what is no URI', { uri: 'somewhere' }, {}, /hypervisor 'trial' at somewhere/],
    ['a capability that none can have', { offers: ['exec'] }, {}, /hypervisor 'trial' with 'exec'/],
    ['XML that is none', { domainXml: () => 'hello' }, {}, /XML that is no <domain/],
    ['XML without a type', { domainXml: () => '<domain/>' }, {}, /XML that is no <domain/],
    ['XML with a name of its own', { domainXml: () => "<domain type='test'><name>mine</name></domain>" }, {}, /with <name>/],
    ['a display that it does not offer', {}, { display: true }, /needs 'screen' \(pictures of a screen\), on hypervisor 'trial': 'trial' is declared without it/],
    ['a power policy that it does not offer', { offers: [] }, { power: 'managed' }, /needs 'poweron'/],
    ['a hook that it does not offer', {}, { display: false, hooks: [new Screenshots({ every: '5s' })] }, /Screenshots, which needs 'screen'/],
  ])('is refused with %s', (_, hypervisor, props, told) => {
    expect(mistakesIn(Guest.on(trial(hypervisor)), () => props)).toMatch(told);
  });
});
