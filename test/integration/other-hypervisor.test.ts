import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectedSandbox, connect, observe } from '../../hooks-runtime';
import { LibvirtConnection } from '../../hooks-runtime/libvirt';
import { eventually } from './fixtures/eventually';
import { OwnHost } from './fixtures/own-host';
import { TestProject } from './fixtures/project';

let host: OwnHost;
let project: TestProject;
/** What the driver knows lives as long as somebody is connected to it. */
let driver: LibvirtConnection;
beforeAll(async () => {
  host = await OwnHost.up('other');
  driver = await LibvirtConnection.open(`test+unix:///default?socket=${host.instance.socket}`);
  project = TestProject.create(host, '');
  project.write('main.ts', readFileSync(join(__dirname, '../../examples/other-hypervisor/main.ts')));
});
afterAll(async () => {
  await driver?.close();
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const names = async () => (await driver.domains.list()).map(({ name }) => name).filter((name) => name !== 'test');

describe('the example of another hypervisor', () => {
  it('deploys', async () => {
    await project.expectDone(project.shell('tsx main.ts'));
    await project.expectDone(await project.apply('other-hypervisor'));
    expect(await names()).toEqual(['other-hypervisor-machine']);
    console.log((await project.sandform('ps').end).output);
    await using sandbox = await connect('other-hypervisor/machine', { uri: host.uri });
    console.log(sandbox.isolation, sandbox.host);
    await sandbox.power.pause();
    await sandbox.power.resume();
    await sandbox.power.shutdown();
    await sandbox.power.poweron();
    await sandbox.power.poweroff();
    console.log((await project.sandform('run', 'other-hypervisor/machine').end).output);
    await project.expectDone(await project.destroy('other-hypervisor'));
    expect(await host.leftovers({ images: true })).toEqual([]);
    expect(await names()).toEqual([]);
  });
});
