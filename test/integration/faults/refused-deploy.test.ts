import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { OwnHost } from '../fixtures/own-host';
import type { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

const LAB = `new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.micro(), power: 'managed' });`;

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-refused');
});
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
});
afterEach(() => {
  project[Symbol.dispose]();
});

async function isRefused(program: Program | Promise<Program>, code: string): Promise<void> {
  const end = await (await program).end;
  expect(end.exitCode).not.toBe(0);
  expect(end.errors).toContain(code);
}

/** What was made goes again by an ordinary destroy. */
async function nothingIsLeft(besides: readonly string[] = []): Promise<void> {
  await project.destroyed('lab');
  expect((await host.leftovers({ images: true })).filter((name) => !besides.includes(name))).toEqual([]);
}

describe('synth', () => {
  it.each([
    ['an image that is not there', `Image.fromPath('nowhere.qcow2')`, 'IMAGE_MISSING'],
    ['a file that is no disk image', `Image.fromPath('app.js')`, 'IMAGE_NOT_A_DISK'],
  ])('refuses %s', async (_, image, code) => {
    project = TestProject.create(host, `new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.fromImage(${image}) });`);
    await expect(project.synth()).rejects.toThrow(code);
  });
});

describe('a deploy', () => {
  it('is refused where an image went after synth', async () => {
    project = TestProject.create(host, `new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.fromImage(Image.fromPath('disk.raw', { format: 'raw' })), power: 'managed' });`);
    const image = project.write('disk.raw', Buffer.alloc(2 ** 20, String(process.pid)));
    await project.synth();
    rmSync(image);
    await isRefused(project.apply('lab'), 'IMAGE_MISSING');
    await nothingIsLeft();
  });

  it('makes nothing where libvirt is unreachable', async () => {
    project = TestProject.create(host, `new Sandbox(new SandboxStack(app, 'lab', { uri: 'qemu:///system?socket=/nowhere' }), 'victim', { guest: Guest.micro() });`);
    await project.synth();
    // Terraform's provider is the first to ask for libvirt.
    expect(await (await project.apply('lab')).end).toMatchObject({ exitCode: 1, output: expect.stringContaining('failed to connect: dial unix /nowhere') });
    await isRefused(project.sandform('run', 'lab', '--uri', 'qemu:///system?socket=/nowhere'), 'LIBVIRT_UNREACHABLE');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });

  it('is refused where somebody else has a domain of the name, which stays', async () => {
    const xml = '<domain type="qemu"><name>lab-victim</name><memory>65536</memory><os><type>hvm</type></os></domain>';
    project = TestProject.create(host, LAB);
    host.virsh('define', project.write('domain.xml', xml));
    await project.synth();
    await isRefused(project.apply('lab'), 'DOMAIN_NAME_TAKEN');
    await nothingIsLeft(['domain lab-victim']);
    expect(host.virsh('list', '--all', '--name').trim()).toBe('lab-victim');
    host.virsh('undefine', 'lab-victim');
  });

  it('is refused where its subnet is taken, before anything is made', async () => {
    project = TestProject.create(host, `const stack = new SandboxStack(app, 'lab'); new Sandbox(stack, 'victim', { guest: Guest.micro(), power: 'managed', networks: [new SandboxNetwork(stack, 'net', { subnet: '10.99.0.0/24' })] });`);
    host.virsh('net-define', project.write('net.xml', '<network><name>other</name><bridge name="other0"/><ip address="10.99.0.129" prefix="25"/></network>'));
    await project.synth();
    await isRefused(project.apply('lab'), 'NETWORK_SUBNET_TAKEN');
    expect((await host.leftovers({ images: true })).sort()).toEqual(['network other', 'volume stack.lab.marker']);
    await nothingIsLeft(['network other']);
    host.virsh('net-undefine', 'other');
  });

  it('is refused where the disk is full, and goes on once there is room', async () => {
    project = TestProject.create(host, LAB);
    await project.synth();
    await project.expectDone(project.sandform('reap', '--all'));
    inInstance('mount', '-t', 'tmpfs', '-o', 'size=8M,mode=755', 'small', host.instance.poolPath);
    host.virsh('pool-refresh', 'sandform');
    await isRefused(project.apply('lab'), 'DISK_FULL');
    await nothingIsLeft([`mount small ${host.instance.poolPath} tmpfs`]);
    inInstance('mount', '-o', 'remount,size=200M', host.instance.poolPath);
    await project.expectDone(await project.apply('lab'));
    await project.destroyed('lab');
    inInstance('umount', host.instance.poolPath);
    await nothingIsLeft();
  });
});

function inInstance(...command: readonly string[]): void {
  const [program = '', ...args] = host.instance.inside(command, { mounts: true });
  execFileSync(program, args, { timeout: 10_000 });
}
