import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompanionCall, Guest, Image, RootFilesystem, Sandbox, SandboxNetwork, type SandboxProps, SandboxStack, mistakesOf, readDomainXml } from '../../index';
import { domainXml } from '../../lib';
import { type Plan, companionCall, qcow2, resources, workbench } from './synthesized';

const bench = workbench();
const tarball = () => RootFilesystem.fromTarball(bench.tarball('root.tar'));
const lab = (props: Partial<SandboxProps> = {}, root = tarball()): Plan =>
  bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    new Sandbox(stack, 'box', { guest: Guest.container(root), networks: [new SandboxNetwork(stack, 'net', { subnet: '10.88.0.0/24' })], ...props });
  })['lab']!;
const UUID = '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10';

function mistakesIn(props: Partial<SandboxProps>, root = tarball()): string {
  try {
    lab(props, root);
    return 'nothing';
  } catch (error) {
    return JSON.stringify(error);
  }
}

describe('a container in a plan', () => {
  it.each(['0.8', '0.9'])('is made by the companion, whichever provider is selected: %s has no domain and no disk of it', (provider) => {
    process.env['SANDFORM_PROVIDER'] = provider;
    const plan = lab();
    expect(resources(plan, 'libvirt_domain')).toEqual({});
    expect(Object.keys(resources(plan, 'libvirt_volume'))).toEqual(['companion/marker', 'companion/settled']);
    const call = companionCall(plan, 'after', 'conduct/0');
    expect(call.map(({ action, hypervisor }) => [action, hypervisor] as unknown[])).toEqual([['make', 'lxc'], ['conduct', 'lxc'], ['settle', undefined]]);
    expect(companionCall(plan, 'after', 'release/box')).toMatchObject([{ action: 'release', hypervisor: 'lxc', uuid: expect.stringMatching(/^\$\{terraform_data\.box_body_\w+\.id\}$/) }]);
    const known = JSON.parse(JSON.stringify(call), (key, value: unknown) => (key === 'uuid' ? UUID : value)) as unknown;
    expect(mistakesOf(CompanionCall, known)).toEqual([]);
  });

  it('is named by what its root filesystem holds, without any path of this machine', () => {
    const folder = join(bench.folder, 'tree');
    mkdirSync(join(folder, 'etc'), { recursive: true });
    const digest = () => (companionCall(lab({}, RootFilesystem.fromDirectory(folder)), 'after', 'conduct/0')[0]!['domain'] as Plan)['container'].root.digest as string;
    const [empty, changed] = [digest(), (writeFileSync(join(folder, 'etc/x'), ''), digest())];
    rmSync(join(folder, 'etc/x'));
    expect([changed === empty, digest() === empty]).toEqual([false, true]);
    expect(JSON.stringify(lab())).not.toContain(bench.folder);
  });

  it('has a user namespace, limits, no host network, and what is mounted read-only unless told otherwise', () => {
    const domain = companionCall(lab({ vcpus: 2, mounts: [{ source: '/srv/a', target: '/a' }, { source: '/srv/b', target: '/b', readonly: false }] }), 'after', 'conduct/0')[0]!['domain'];
    const none = () => '';
    const xml = domainXml(domain, { volumePath: none, baseVolumePath: none, seedPath: none, consolePath: none, rootFolder: () => '/root-of-box', linkOf: () => ({ prefix: 24, gateway: '10.88.0.1' }) });
    expect(readDomainXml(xml)).toMatchObject({ type: 'lxc', memory: 256 * 2 ** 20 });
    for (const part of ['<privnet/>', '<uid start="0" target="2000000000" count="65536"/>', '<hard_limit unit="KiB">262144</hard_limit>', '<swap_hard_limit unit="KiB">262144</swap_hard_limit>', '<quota>200000</quota>', 'gateway="10.88.0.1"', '<filterref filter="sandform-lab-box-0"/>']) {
      expect(xml).toContain(part);
    }
    expect(xml.match(/<target dir="\/[ab]?"\/>\s*(<readonly\/>)?/g)?.map((found) => found.includes('readonly'))).toEqual([false, true, false]);
  });
});

describe('what a container cannot have', () => {
  it.each<[string, Partial<SandboxProps>, RegExp]>([
    ['disks', { disks: [{ name: 'more', size: '1MiB' }] }, /disks of a container/],
    ['a size of a root disk', { rootSize: '1GiB' }, /rootSize of a container/],
    ['cloud-init', { cloudInit: {} }, /cloudInit of a container/],
    ['a machine type', { machine: 'q35' }, /machine of a container/],
    ['an accelerator', { accelerator: 'kvm' }, /accelerator of a container/],
    ['overrides of a resource that it has not', { overrides: { a: 1 } }, /overrides of a container/],
    ['a display', { display: true }, /CAPABILITY_MISSING.*|a container has no screen/],
    ['mounts of relative paths', { mounts: [{ source: 'srv', target: '/a' }] }, /absolute paths/],
    ['mounts that climb', { mounts: [{ source: '/srv/../etc', target: '/a' }] }, /absolute paths/],
    ['mounts over its own root', { mounts: [{ source: '/srv', target: '/' }] }, /a place of its own/],
    ['two mounts in one place', { mounts: [{ source: '/srv', target: '/a' }, { source: '/opt', target: '/a' }] }, /a place of its own/],
  ])('%s', (_, props, expected) => {
    expect(mistakesIn(props)).toMatch(expected);
  });

  it('is a disk, for a virtual machine, that is a tarball', () => {
    expect(mistakesIn({ guest: Guest.fromImage(Image.fromPath(bench.tarball('root.tar'))) })).toMatch(/IMAGE_NOT_A_DISK.*RootFilesystem.fromImage/);
  });

  it('is folders, for a virtual machine', () => {
    expect(mistakesIn({ guest: Guest.micro(), mounts: [{ source: '/srv', target: '/a' }] })).toMatch(/mounts of a virtual machine/);
  });

  it.each<[string, () => RootFilesystem, RegExp]>([
    ['a tarball that is not there', () => RootFilesystem.fromTarball('/nonexistent.tar'), /IMAGE_MISSING/],
    ['a folder for a tarball', () => RootFilesystem.fromTarball(bench.folder), /ROOT_UNREADABLE/],
    ['a disk for a tarball', () => RootFilesystem.fromTarball(bench.file('disk', qcow2())), /ROOT_UNREADABLE.*disk image.*Guest.fromImage/],
    ['a disk of a path for a tarball', () => RootFilesystem.fromImage(Image.fromPath(bench.file('disk', qcow2()))), /ROOT_UNREADABLE.*disk image/],
    ['a page for a tarball', () => RootFilesystem.fromTarball(bench.file('page', '<!doctype html>')), /ROOT_UNREADABLE.*browser/],
    ['an image with the format of a disk', () => RootFilesystem.fromImage(Image.fromHttp('https://host/a', { format: 'raw' })), /PROP_INVALID.*only disks have/],
    ['what is no image of its own', () => RootFilesystem.fromImage(Image.fromFile(bench.file('kernel', 'x'))), /PROP_INVALID/],
    ['a layout that is none', () => RootFilesystem.fromOciLayout(bench.folder), /IMAGE_MISSING/],
    ['a layout of several images without a tag', () => layout(['v1', 'v2']), /2 images[^]*v1, v2/],
    ['a tag that no image has', () => layout(['v1'], 'v3'), /0 images with tag 'v3'/],
  ])('is %s', (_, root, expected) => {
    expect(mistakesIn({}, root())).toMatch(expected);
  });
});

function layout(names: readonly string[], tag?: string): RootFilesystem {
  const folder = join(bench.folder, `layout-${names.join('-')}`);
  mkdirSync(folder, { recursive: true });
  const manifests = names.map((name) => ({ digest: `sha256:${'a'.repeat(64)}`, annotations: { 'org.opencontainers.image.ref.name': name } }));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ manifests }));
  return RootFilesystem.fromOciLayout(folder, tag === undefined ? {} : { tag });
}
