import { type SeeVirtualBox, stackSource } from '../../../lib/see';
import { CONTEXT, told, translated } from './see-files';

const domain = (devices: string, rest = '') => `<domain type='vbox'><memory unit='MiB'>64</memory>${rest}<devices>${devices}</devices></domain>`;
const vbox = (xml: string, context: object = {}, hooks?: unknown) => translated({ ...CONTEXT, ...context }, { files: { 'domain.xml': xml }, ...(hooks === undefined ? {} : { hooks }) });
const hook = (name: string, configuration: object) => ({ hooks: [{ name: `plugins.${name}`, configuration }] });

describe("a VBox context of SEE's", () => {
  const whole = domain(
    `<disk type='file' device='disk'><source file='/old.vdi'/><target dev='hda'/></disk><disk type='file' device='cdrom'><target dev='hdb'/></disk><sound model='ac97'/>
    <interface type='network'><source network='vboxnet0'/><mac address='00:16:3e:00:00:01'/><model type='Am79C973'/></interface><graphics type='desktop'/>`,
    "<vcpu>2</vcpu><os><type arch='i686'>hvm</type><boot dev='hd'/></os><features><pae/></features><cpu/>",
  );

  it('becomes a machine of VirtualBox: its image, size, display and networks', () => {
    const { declaration, mistakes } = vbox(whole, { hypervisor: 'vbox:///session' });
    expect(mistakes).toEqual([]);
    expect(declaration).toEqual({
      ...{ hypervisor: 'vbox', arch: 'x86_64', memory: '64MiB', vcpus: 2, display: true, networks: [{ existing: 'vboxnet0' }], hooks: [] },
      image: { from: 'path', path: '/images/base.qcow2', format: 'qcow2' },
    } satisfies SeeVirtualBox);
  });

  it('has told what it is otherwise, what is left out, and what SEE did not read', () => {
    const { notes } = vbox(whole, { hypervisor: 'vbox+ssh://there/session', domain: { configuration: 'domain.xml', filesystem: {} }, network: { configuration: 'none.xml' }, disk: { image: '/images/raw.img', clone: { storage_pool_path: '/pool' } } });
    expect(notes.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      ...['meaningless context.json: domain.filesystem', 'meaningless context.json: network', 'meaningless context.json: disk.clone', 'otherwise context.json: hypervisor', 'attention context.json: disk'],
      ...['omitted domain.xml: cpu', 'omitted domain.xml: devices/sound', 'omitted domain.xml: devices/disk[2]', 'otherwise domain.xml: devices/interface[1]/mac', 'otherwise domain.xml: devices/interface[1]/model'],
      'attention domain.xml',
    ]);
  });

  it.each<[string, string, object, unknown, string[]]>([
    ['without an image', domain(''), { disk: undefined }, undefined, ['SEE_INVALID context.json: disk']],
    ['with an image that is not there', domain(''), { disk: { image: '/none' } }, undefined, ['IMAGE_MISSING context.json: disk.image']],
    ['with a NIC that reaches the host', domain("<interface type='bridge'/>"), {}, undefined, ['SEE_HOST_REACH domain.xml: devices/interface']],
    ['with a NIC on no network', domain("<interface type='network'/>"), {}, undefined, ['SEE_INVALID domain.xml: devices/interface[1]/source']],
    ['with a hook that dumps memory', domain(''), {}, hook('memory.MemoryHook', { memory_snapshots_on_event: 'a' }), ['CAPABILITY_MISSING hook MemoryDump']],
    ['with a hook that reads disks', domain(''), {}, hook('disk.DiskCheckPointHook', { checkpoint_on_event: 'a' }), ['CAPABILITY_MISSING hook DiskCheckpoint']],
    ['with an agent, whose address nobody tells', domain("<interface type='network'><source network='vboxnet0'/></interface>"), {}, hook('commands.CommandsHook', { 'agent-port': 80 }), ['SEE_UNOFFERED hook SeeAgent']],
    ['with pictures and no display', domain(''), {}, hook('screen.ScreenHook', { screenshot_on_event: 'a' }), ['SEE_INVALID hook Screenshots']],
  ])('is refused %s', (_, xml, context, hooks, expected) => {
    expect(told(vbox(xml, context, hooks))).toEqual(expected);
  });

  it('is written as a program', () => {
    const { declaration, notes } = vbox(domain("<interface type='network'><source network='vboxnet0'/></interface>"));
    expect(stackSource(declaration!, { stack: 'lab', sources: ['context.json'], project: '/', notes })).toContain(`const net = SandboxNetwork.fromName(stack, 'net', 'vboxnet0');
const sandbox = new Sandbox(stack, 'sandbox', {
  guest: Guest.virtualBox(Image.fromPath('./images/base.qcow2')),
  memory: '64MiB',
  display: false,
  networks: [net],
  egress: 'open',
  power: 'managed',
});`);
  });
});
