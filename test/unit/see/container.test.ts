import { type SeeContainer, stackSource } from '../../../lib/see';
import { type Files, told, translated } from './see-files';

const ROOT = "<filesystem type='mount'><source dir='/images'/><target dir='/'/></filesystem>";
const domain = (devices: string, rest = '') => `<domain type='lxc'><memory unit='MiB'>64</memory>${rest}<devices>${devices}</devices></domain>`;
const FOLDERS: Files = { '/data': { kind: 'folder' }, '/shared': { kind: 'folder' }, '/file': { kind: 'file', format: 'raw' } };
const lxc = (xml: string, context: object = {}, { filesystem, hooks }: { filesystem?: unknown; hooks?: unknown } = {}) =>
  translated({ domain: { configuration: 'domain.xml', ...(filesystem === undefined ? {} : { filesystem }) }, ...context }, { files: { ...FOLDERS, 'domain.xml': xml }, ...(hooks === undefined ? {} : { hooks }) });
const hook = (name: string, configuration: object) => ({ hooks: [{ name: `plugins.${name}`, configuration }] });

describe("an LXC context of SEE's", () => {
  const whole = domain(
    `${ROOT}<filesystem type='mount'><source dir='/data'/><target dir='/data'/><readonly/></filesystem><filesystem type='ram'><target dir='/ram'/></filesystem>
    <interface type='network'><source network='default'/><mac address='00:16:3e:00:00:01'/><ip address='10.0.0.2'/></interface><console type='pty'/><hostdev/>`,
    "<vcpu cpuset='0-1'>2</vcpu><os><type arch='aarch64'>exe</type><init>/bin/sh</init><initarg>-c</initarg><initarg>sleep 9</initarg><initdir>/root</initdir></os><idmap/>",
  );

  it('becomes a container: its root, first process, folders and networks', () => {
    const { declaration, mistakes } = lxc(whole, { hypervisor: 'lxc:///' }, { filesystem: { source_path: '/shared', target_path: '/in' } });
    expect(mistakes).toEqual([]);
    expect(declaration).toEqual({
      ...{ hypervisor: 'lxc', uri: 'qemu:///system', arch: 'aarch64', root: '/images', init: ['/bin/sh', '-c', 'sleep 9'], memory: '64MiB', vcpus: 2, hooks: [], networks: [{ existing: 'default' }] },
      mounts: [{ source: '/data', target: '/data', readonly: true, isPerSandbox: false }, { source: '/shared', target: '/in', readonly: false, isPerSandbox: true }],
    } satisfies SeeContainer);
  });

  it('has told what it is otherwise, and what is left out', () => {
    const { notes } = lxc(whole, { disk: { image: 'none' } }, { filesystem: [{ source_path: '/shared', target_path: '/in' }] });
    expect(notes.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
      ...['meaningless context.json: disk', 'otherwise domain.xml: devices/filesystem', 'omitted domain.xml: idmap', 'omitted domain.xml: os/initdir', 'omitted domain.xml: devices/hostdev', 'omitted domain.xml: vcpu/cpuset'],
      ...['otherwise domain.xml: devices/interface[1]/mac', 'omitted domain.xml: devices/interface[1]/ip', 'attention domain.xml: devices/filesystem (/data)', 'omitted domain.xml: devices/filesystem (/ram)'],
      ...['otherwise context.json: domain.filesystem.0', 'attention domain.xml'],
    ]);
  });

  it.each<[string, string, object, unknown[]]>([
    ['takes its own network for the first NIC', domain(`${ROOT}<interface type='network'><source network='default'/></interface>`), { network: { dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } } }, [{ forward: 'nat', pick: { range: '10.0.0.0/8', prefix: 24 } }]],
    ['gets a NIC for it where it has none', domain(ROOT), { network: { dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } } }, [{ forward: 'nat', pick: { range: '10.0.0.0/8', prefix: 24 } }]],
    ['has no network where nobody says so', domain(ROOT), {}, []],
  ])('%s', (_, xml, context, networks) => {
    expect(lxc(xml, context).declaration?.networks).toEqual(networks);
  });

  it.each<[string, string, unknown, string[]]>([
    ['no root filesystem', domain(''), undefined, ['SEE_INVALID domain.xml: devices/filesystem']],
    ['a missing one, and mistyped mounts', domain(ROOT.replace('/images', '/gone')), [{ source_path: '/a', target_path: '/b' }, { source_path: '/a', target: '/b' }], ['IMAGE_MISSING domain.xml: devices/filesystem', 'SEE_INVALID context.json: domain.filesystem.1: target_path', 'SEE_INVALID context.json: domain.filesystem.1: target']],
    ["a NIC on the host's bridge", domain(`${ROOT}<interface type='bridge'/>`), undefined, ['SEE_HOST_REACH domain.xml: devices/interface']],
    ['a mount of what is not there', domain(`${ROOT}<filesystem type='mount'><source dir='/gone'/><target dir='/x'/></filesystem>`), undefined, ['SEE_INVALID domain.xml: devices/filesystem (/x)']],
    ['a file for a folder', domain(ROOT), { source_path: '/file', target_path: '/x' }, ['SEE_INVALID context.json: domain.filesystem']],
    ['a target that is none', domain(ROOT), { source_path: '/shared', target_path: '../x' }, ['SEE_INVALID context.json: domain.filesystem']],
    ["a target that is the container's own", domain(ROOT), { source_path: '/shared', target_path: '/proc' }, ['SEE_INVALID context.json: domain.filesystem']],
    ['two folders in one place', domain(ROOT), [{ source_path: '/shared', target_path: '/x' }, { source_path: '/data', target_path: '/x' }], ['SEE_INVALID context.json: domain.filesystem.1']],
  ])('is refused with %s', (_, xml, filesystem, mistakes) => {
    expect(told(lxc(xml, {}, { filesystem }))).toEqual(mistakes);
  });

  it.each<[string, unknown, string]>([
    ['ScreenHook', hook('screen.ScreenHook', { screenshot_on_event: 'a' }), 'a container has no screen'],
    ['MemoryHook', hook('memory.MemoryHook', { memory_snapshots_on_event: 'a' }), "a container's memory is the host kernel's"],
    ['DiskCheckPointHook', hook('disk.DiskCheckPointHook', { checkpoint_on_event: 'a' }), "a container's root is a folder, no disk"],
  ])('is refused %s, in the words of the capability table', (_, hooks, reason) => {
    const { mistakes } = lxc(domain(ROOT), {}, { hooks });
    expect(mistakes.map(({ code, given }) => [code, given?.endsWith(reason)])).toEqual([['CAPABILITY_MISSING', true]]);
  });

  it('has hooks that need no machine', () => {
    const network = { network: { dynamic_address: { ipv4: '10.0.0.0', prefix: 8, subnet_prefix: 24 } } };
    expect(told(lxc(domain(ROOT), network, { hooks: { hooks: [...hook('commands.CommandsHook', { 'agent-port': 80 }).hooks, ...hook('network.NetworkTracerHook', { start_trace_on_event: 'a', stop_trace_on_event: 'b' }).hooks, ...hook('timers.TimersHook', { timers: { a: 1 } }).hooks] } }))).toEqual([]);
  });

  it('is imported as a program with a folder of its own for each mount', () => {
    const { declaration, notes } = lxc(domain(ROOT), {}, { filesystem: { source_path: '/shared/', target_path: '/in' } });
    const program = stackSource(declaration!, { stack: 'lab', sources: ['context.json'], project: '/', notes });
    expect(program).toContain("guest: Guest.container(RootFilesystem.fromDirectory('./images'), { init: ['/sbin/init'] }),");
    expect(program).toContain("mounts: [{ source: '/shared/lab', target: '/in', readonly: false }],");
  });
});
