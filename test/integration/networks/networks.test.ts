import { readNetworkXml } from '../../../lib/domain-xml';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';
import { inside } from './inside';

let host: OwnHost;
let project: TestProject;

const EXISTING = `<network><name>existing</name><bridge name='existing0'/><ip address='10.77.0.1' netmask='255.255.255.0'><dhcp><range start='10.77.0.2' end='10.77.0.99'/></dhcp></ip></network>`;

const declare = (sandboxes: readonly string[]) => `
  const lab = new SandboxStack(app, 'lab');
  const nets = {
    routed: new SandboxNetwork(lab, 'routed', { forward: 'routed', subnet: '10.78.0.0/24', ipv6: 'fd12:3456:789a:1::/64' }),
    lan: new SandboxNetwork(lab, 'lan', { forward: 'bridge', bridge: 'lan0' }),
    asking: new SandboxNetwork(lab, 'asking', { forward: 'nat', dns: 'forward' }),
    existing: SandboxNetwork.fromName(lab, 'existing', 'existing'),
  };
  for (const name of ${JSON.stringify(sandboxes)}) new Sandbox(lab, name, { guest: Guest.micro(), power: 'managed', networks: Object.values(nets) });`;

beforeAll(async () => {
  host = await OwnHost.up('networks');
  await inside(host, 'ip', 'link', 'add', 'lan0', 'type', 'bridge');
  project = TestProject.create(host, declare(['one']));
  project.write('existing.xml', EXISTING);
  host.virsh('net-define', `${project.folder}/existing.xml`);
  host.virsh('net-start', 'existing');
  await project.deployed('lab');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const network = (name: string) => host.virsh('net-dumpxml', name);
const filters = () => host.virsh('nwfilter-list').split('\n').flatMap((line) => /sandform-\S+/.exec(line)?.[0] ?? []).sort();
const hosts = () => readNetworkXml(network('lab-routed'))!.hosts.length;

describe('networks', () => {
  it('are what they were declared to be, and plan nothing more', async () => {
    expect(network('lab-routed')).toMatch(/<forward mode='route'\/>[\s\S]*address='10\.78\.0\.1'[\s\S]*address='fd12:3456:789a:1::1'/);
    expect(network('lab-lan')).toMatch(/<forward mode='bridge'\/>\s*<bridge name='lan0'\/>/);
    expect(network('lab-asking')).not.toContain('no-resolv');
    expect(network('lab-routed')).toContain('no-resolv');
    expect(await project.planIsClean('lab')).toBe(true);
  });

  it('run guests, each interface with a filter of its own', () => {
    host.virsh('start', 'lab-one');
    expect(host.virsh('domiflist', 'lab-one').trim().split('\n').map((line) => line.trim().split(/\s+/)[2])).toEqual(['lab-routed', 'lab-lan', 'lab-asking', 'existing']);
    expect(filters()).toEqual([0, 1, 2, 3].map((nic) => `sandform-lab-one-${nic}`));
    host.virsh('destroy', 'lab-one');
  });

  it('keep addresses for sandboxes that come later, without being made anew', async () => {
    const before = host.virsh('net-uuid', 'lab-routed');
    project.declare(declare(['one', 'two']));
    await project.deployed('lab');
    expect(host.virsh('net-uuid', 'lab-routed')).toBe(before);
    expect(hosts()).toBe(2);
    expect(filters()).toHaveLength(8);
    expect(await project.planIsClean('lab')).toBe(true);
  });

  it('give them back when a sandbox goes, and its filters with it', async () => {
    project.declare(declare(['two']));
    await project.deployed('lab');
    expect(hosts()).toBe(1);
    expect(filters()).toEqual([0, 1, 2, 3].map((nic) => `sandform-lab-two-${nic}`));
  });

  it('go with all that was made for them, but for the one that was there', async () => {
    await project.destroyed('lab');
    expect(host.virsh('net-list', '--all', '--name').trim()).toBe('existing');
    expect(readNetworkXml(network('existing'))!.hosts).toEqual([]);
    expect(filters()).toEqual([]);
  });

  it('are reaped with their filters and sandboxes', async () => {
    await project.deployed('lab');
    await project.expectDone(project.sandform('reap', 'lab'));
    expect(filters()).toEqual([]);
    expect(host.virsh('net-list', '--all', '--name').trim()).toBe('existing');
  });
});

describe('a filter that somebody else has by the name of ours', () => {
  it('ends the deploy with FILTER_NAME_TAKEN, and stays', async () => {
    project.write('filter.xml', `<filter name='sandform-other-one-0' chain='root'/>`);
    host.virsh('nwfilter-define', `${project.folder}/filter.xml`);
    project.declare(`const other = new SandboxStack(app, 'other'); new Sandbox(other, 'one', { guest: Guest.micro(), power: 'managed', networks: [SandboxNetwork.fromName(other, 'existing', 'existing')] });`);
    await project.synth();
    const end = await (await project.apply('other')).end;
    expect({ exitCode: end.exitCode, errors: new Set(end.errors) }).toEqual({ exitCode: 1, errors: new Set(['FILTER_NAME_TAKEN']) });
    expect(filters()).toEqual(['sandform-other-one-0']);
    host.virsh('nwfilter-undefine', 'sandform-other-one-0');
  });
});

describe('twenty stacks that are deployed at once', () => {
  it('never overlap: each has a range of its own or was refused and left nothing', async () => {
    // Four ranges for twenty stacks of different apps, which do not know of each other's.
    const labs = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const crowd = labs.map((name) => TestProject.create(host, `new SandboxNetwork(new SandboxStack(app, '${name}', { app: '${name}', subnets: '10.79.0.0/22' }), 'net');`));
    await Promise.all(crowd.map((each) => each.synth()));
    const ends = await Promise.all(crowd.map(async (each, index) => (await each.apply(labs[index]!, ['-lock=false'])).end));
    const won = labs.filter((_, index) => ends[index]!.exitCode === 0);
    for (const { exitCode, errors } of ends) if (exitCode !== 0) expect(new Set(errors)).toEqual(new Set(['NETWORK_SUBNET_TAKEN']));
    expect(won.length).toBeGreaterThanOrEqual(1);
    expect(won.length).toBeLessThanOrEqual(4);
    const live = host.virsh('net-list', '--all', '--name').trim().split(/\s+/).filter((name) => name !== 'existing');
    expect(live.sort()).toEqual(won.map((name) => `${name}-net`).sort());
    const ranges = live.map((name) => readNetworkXml(network(name))!.subnets[0]!);
    ranges.forEach((range, index) => ranges.slice(index + 1).forEach((other) => expect(range.overlaps(other)).toBe(false)));
    await project.expectDone(project.sandform('reap', '--all'));
    host.virsh('net-destroy', 'existing');
    host.virsh('net-undefine', 'existing');
    expect(await host.leftovers({ images: true })).toEqual(['interface lan0']);
    for (const each of crowd) each[Symbol.dispose]();
  });
});
