import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { registeredProcesses } from '../../../hooks-runtime/processes';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import type { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

/** A moment of a deploy, known by what it shows on its output or on the host. */
type Moment = RegExp | ((deploy: Program) => Promise<unknown>);

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-deploy');
  project = TestProject.create(
    host,
    `const stack = new SandboxStack(app, 'lab', { ttl: '1h' });
     const network = new SandboxNetwork(stack, 'net');
     new Sandbox(stack, 'victim', { guest: Guest.fromImage(Image.fromPath('large.img', { format: 'raw' }), { name: 'idle', memory: '32MiB' }), networks: [network] });`,
  );
  // Takes a while to be sent, and has nothing to boot.
  project.write('large.img', Buffer.alloc(32 * 2 ** 20, randomBytes(4096)));
  await project.synth();
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const volumes = () => readdirSync(host.instance.poolPath);
const imageIsBeingSent = () => eventually('a base volume that is not complete', () => volumes().some((name) => name.startsWith('base.') && !volumes().some((other) => other.startsWith(name.replace('base', 'ready')))));

const companionIsListed = () => eventually('a companion', () => registeredProcesses().some(({ uri, what }) => uri === host.uri && what === 'companion'));

async function lockIsHeld(): Promise<void> {
  await using connection = await LibvirtConnection.open(host.uri);
  await eventually('a lock', async () => (await connection.pools.list()).some(({ name }) => name.startsWith('sandform.lock.')));
}

async function reached(moment: Moment, deploy: Program): Promise<void> {
  await (moment instanceof RegExp ? deploy.shows(moment) : moment(deploy));
}

async function reapsEverything(): Promise<void> {
  await project.expectDone(project.sandform('reap', '--all'));
  expect(await host.leftovers()).toEqual([]);
}

// Each deploy but the first begins with the state that the killed one before it left, of things that were reaped.

describe('reap --all leaves nothing of a deploy whose terraform was killed', () => {
  it.each<[string, Moment]>([
    ['when it asked for the pool', /companion_pool\w*: Provisioning/],
    ['when it asked for images and names', /companion_before\S*: Provisioning/],
    ['while an image was being sent', imageIsBeingSent],
    ['when it made a disk', /victim_root\w*: Creating/],
    ['when it made the network', /net_network\w*: Creating/],
    ['when it made the domain', /victim_domain\w*: Creating/],
    ['when the domain was there', /victim_domain\w*: Creation complete/],
    ['while conduct was being written', /companion_after\S*conduct\S*: Provisioning/],
  ])('%s', async (_, moment) => {
    const deploy = await project.apply('lab');
    await reached(moment, deploy);
    deploy.kill('SIGKILL');
    expect((await deploy.end).signal).toBe('SIGKILL');
    await reapsEverything();
  });

  it.each<[string, Moment]>([
    ['when the companion held a lock', lockIsHeld],
    ['when the domain was being made', /victim_domain\w*: Creating/],
  ])('with its provider and companion %s', async (_, moment) => {
    const deploy = await project.apply('lab');
    await reached(moment, deploy);
    deploy.killTree();
    await deploy.end;
    await reapsEverything();
  });
});

describe('reap --all leaves nothing of a cdktf deploy that was killed with all its children', () => {
  it.each<[string, Moment]>([
    ['at its first word', /\S/],
    ['while terraform began', /Initializing/i],
    ['when the network was being made', /net_network\S*: Creating/],
    ['when the domain was being made', /victim_domain\S*: Creating/],
  ])('%s', async (_, moment) => {
    const deploy = project.cdktf('deploy', 'lab', '--auto-approve');
    await reached(moment, deploy);
    deploy.killTree();
    expect((await deploy.end).signal).toBe('SIGKILL');
    await reapsEverything();
  });
});

describe('the state that killed deploys left', () => {
  it('brings everything about with the next deploy, plans nothing more, and destroys it', async () => {
    await project.expectDone(await project.apply('lab'));
    await isUsable();
  });

  it.each<[string, 'alone' | 'with all its children', Moment]>([
    ['at its first word', 'alone', /\S/],
    ['when it asked for the pool', 'with all its children', /companion_pool\w*: Provisioning/],
    ['when it asked for images and names', 'with all its children', /companion_before\S*: Provisioning/],
    ['when images and names were there', 'alone', /companion_before\S*: Creation complete/],
    ['when it made a disk', 'alone', /victim_root\w*: Creating/],
    ['when it made the network', 'with all its children', /net_network\w*: Creating/],
    ['when the network was made and Terraform not told', 'with all its children', libvirtHas('net-list', 'lab-net')],
    ['when it made the domain', 'with all its children', /victim_domain\w*: Creating/],
    ['when the domain ran and Terraform was not told', 'with all its children', libvirtHas('list', 'lab-victim')],
    ['when the domain ran and its provider was not heard', 'alone', libvirtHas('list', 'lab-victim')],
    ['while conduct was being written', 'with all its children', async (deploy) => deploy.shows(/release\S*: Creation complete/).then(companionIsListed)],
  ])('goes on with the next deploy, without a reaper, where it was killed %s %s', async (_, which, moment) => {
    const deploy = await project.apply('lab');
    await reached(moment, deploy);
    if (which === 'alone') deploy.kill('SIGKILL');
    else deploy.killTree();
    await deploy.end;
    const again = await (await project.apply('lab')).end;
    if (again.exitCode !== 0) {
      // Terraform empties its file before it writes it anew. What was killed in that very moment has lost its state, and is told how to go on.
      expect(again.errors).toContain('STACK_DEPLOYED');
      await project.expectDone(project.sandform('reap', 'lab'));
      await project.expectDone(await project.apply('lab'));
    }
    await isUsable();
  });
});

/** Asks libvirt as often as it can. */
function libvirtHas(list: 'list' | 'net-list', name: string): Moment {
  return async (deploy) => {
    while (!host.virsh(list, '--name').split('\n').includes(name)) {
      if (deploy.hasEnded) throw new Error(`the deploy ended before ${name} was there:\n${deploy.output}`);
    }
  };
}

async function isUsable(): Promise<void> {
  expect(await project.planIsClean('lab')).toBe(true);
  await project.destroyed('lab');
  expect(await host.leftovers({ images: true })).toEqual([]);
}
