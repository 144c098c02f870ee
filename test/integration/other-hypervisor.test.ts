import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../hooks-runtime';
import { LibvirtConnection } from '../../hooks-runtime/libvirt';
import { eventually } from './fixtures/eventually';
import { OwnHost } from './fixtures/own-host';
import { TestProject } from './fixtures/project';

// libvirt's test driver, in the daemon of the test: what it knows is there for every process, as long as one is connected to it.
let host: OwnHost;
let project: TestProject;
let driver: LibvirtConnection;
beforeAll(async () => {
  host = await OwnHost.up('other');
  driver = await LibvirtConnection.open(`test+unix:///default?socket=${host.instance.socket}`);
  project = TestProject.create(host, '');
});
afterAll(async () => {
  await driver?.close();
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** The driver has one machine of its own from the beginning. */
const machines = async () => (await driver.domains.list()).map(({ name }) => name).filter((name) => name !== 'test');

/** An app of machines on the test driver. */
const declare = (machine: string, stack = 'lab') =>
  project.declare(`
    const { defineHypervisor } = require('sandform');
    const lab = new SandboxStack(app, '${stack}', { ttl: '1h', owner: 'test' });
    const trial = defineHypervisor({
      name: 'trial', uri: '${driver.uri}', offers: ['poweron', 'shutdown', 'pause'], isolation: 'emulation', diskFormat: 'vmdk',
      domainXml: ({ arch, disks }) => \`<domain type='test'><os><type arch='\${arch}'>hvm</type></os><devices>
        \${disks.map(({ path }, index) => \`<disk type='file' device='disk'><source file='\${path}'/><target dev='vd\${'ab'[index]}' bus='virtio'/></disk>\`).join('')}</devices></domain>\`,
    });
    ${machine}`);

describe('the example of another hypervisor', () => {
  it('is deployed, driven, observed and destroyed like any other', async () => {
    project.write('main.ts', readFileSync(join(__dirname, '../../examples/other-hypervisor/main.ts')));
    await project.expectDone(project.shell('tsx main.ts'));
    await project.expectDone(await project.apply('other-hypervisor'));
    expect(await machines()).toEqual(['other-hypervisor-machine']);
    const { stdout } = await project.sandform('ps', '--json').end;
    expect(JSON.parse(stdout)).toMatchObject({ sandboxes: [{ address: 'other-hypervisor/machine', state: 'running', isolation: 'emulation' }], broken: [] });
    {
      await using sandbox = await connect('other-hypervisor/machine', { uri: host.uri });
      const seen: string[] = [];
      sandbox.events.onAny(({ name }) => void (name.startsWith('post_') && seen.push(name)));
      for (const transition of ['pause', 'resume', 'save', 'restore', 'shutdown', 'poweron', 'poweroff', 'poweron'] as const) await sandbox.power[transition]();
      expect(seen).toEqual(['post_pause', 'post_resume', 'post_save', 'post_restore', 'post_shutdown', 'post_poweron', 'post_poweroff', 'post_poweron']);
      expect((await driver.domains.get('other-hypervisor-machine').then((domain) => domain.state())).state).toBe('running');
    }
    expect((await project.expectDone(project.sandform('run', 'other-hypervisor/machine'))).output).toMatch(/other-hypervisor\/machine: passed/);
    expect(await project.planIsClean('other-hypervisor')).toBe(true);
    await project.destroyed('other-hypervisor');
    expect(await host.leftovers({ images: true })).toEqual([]);
    expect(await machines()).toEqual([]);
  });
});

describe('a machine of another hypervisor', () => {
  it('has disks that are copies in the format that it reads', async () => {
    declare(`new Sandbox(lab, 'disks', { guest: Guest.on(trial, { image: Image.fromPath('idle.img', { format: 'raw' }) }), disks: [{ name: 'more', size: '2MiB' }] });`);
    project.write('idle.img', Buffer.alloc(2 ** 20, 'content'));
    await project.deployed('lab');
    const xml = await driver.domains.get('lab-disks').then((domain) => domain.xml());
    const files = [...xml.matchAll(/<source file='([^']+)'/g)].map(([, file = '']) => file);
    expect(files).toEqual(['root', 'more'].map((disk) => join(host.instance.poolPath, `lab-disks.${disk}.vmdk`)));
    const read = (file: string) => execFileSync('qemu-img', ['convert', '-f', 'vmdk', '-O', 'raw', file, join(project.folder, 'read')]) && readFileSync(join(project.folder, 'read'));
    expect(read(files[0] ?? '').equals(Buffer.alloc(2 ** 20, 'content'))).toBe(true);
    expect(JSON.parse(execFileSync('qemu-img', ['info', '--output=json', files[1] ?? ''], { encoding: 'utf8' }))).toMatchObject({ format: 'vmdk', 'virtual-size': 2 ** 21 });
  });

  it('can not be asked for what it was not said to offer', async () => {
    expect((await project.sandform('exec', 'lab/disks', '--', 'true').end).errors).toEqual(['CAPABILITY_MISSING']);
    expect((await project.sandform('logs', 'lab/disks').end).errors).toEqual(['CONSOLE_UNAVAILABLE']);
  });

  it('changes its conduct in place, and is replaced where it is made of something else', async () => {
    const before = await driver.domains.get('lab-disks');
    declare(`new Sandbox(lab, 'disks', { guest: Guest.on(trial), labels: { changed: 'yes' } });`);
    await project.deployed('lab');
    const replaced = await driver.domains.get('lab-disks');
    expect(replaced.uuid).not.toBe(before.uuid);
    declare(`new Sandbox(lab, 'disks', { guest: Guest.on(trial), labels: { changed: 'again' } });`);
    await project.deployed('lab');
    await using sandbox = await connect('lab/disks', { uri: host.uri });
    expect(sandbox.spec.conduct.labels).toEqual({ changed: 'again' });
    expect((await driver.domains.get('lab-disks')).uuid).toBe(replaced.uuid);
    expect((await host.leftovers({ images: true })).filter((left) => left.includes('vmdk'))).toEqual([]);
  });

  it('is destroyed where somebody has removed it by hand', async () => {
    const domain = await driver.domains.get('lab-disks');
    await domain.destroy();
    await domain.undefine();
    await project.destroyed('lab');
    await project.expectDone(project.sandform('reap', '--all'));
    expect(await host.leftovers()).toEqual([]);
  });

  it('is gone on with by the next deploy where one was killed, and reaped where there is none', async () => {
    declare(`new Sandbox(lab, 'first', { guest: Guest.on(trial) }); new Sandbox(lab, 'second', { guest: Guest.on(trial) });`);
    await project.synth();
    for (const next of ['deploy', 'reap'] as const) {
      const deploy = await project.apply('lab');
      await eventually('one of two machines', async () => (await machines()).length > 0);
      deploy.killTree();
      await deploy.end;
      if (next === 'deploy') await project.expectDone(await project.apply('lab'));
      expect((await machines()).length).toBeGreaterThan(0);
      await project.expectDone(project.sandform('reap', 'lab'));
      expect(await machines()).toEqual([]);
      expect((await host.leftovers({ images: true })).filter((left) => !left.includes('volume driver.'))).toEqual([]);
      await project.expectDone(project.sandform('reap', '--all'));
      expect(await host.leftovers()).toEqual([]);
    }
  });

  it('is not made where its driver refuses it, and leaves nothing', async () => {
    declare(`new Sandbox(lab, 'refused', { guest: Guest.on(trial), xmlOverrides: [{ path: 'on_poweroff', value: 'nonsense' }] });`);
    await project.synth();
    expect((await (await project.apply('lab')).end).errors).toContain('MACHINE_FAILED');
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
