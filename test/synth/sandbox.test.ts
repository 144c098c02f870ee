import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { Guest, Image, Labels, Sandbox, SandboxNetwork, type SandboxProps, SandboxStack, digestOf } from '../../index';
import { type Plan, companionCall, portable, qcow2, resources, workbench } from './synthesized';

const bench = workbench();

/** A stack `lab` with a sandbox `victim` on a network `net`. */
function lab(props: Partial<SandboxProps> = {}, options?: { context?: Record<string, unknown>; before?: (stack: SandboxStack) => void }) {
  let victim: Sandbox | undefined;
  const plans = bench.synth((app: App) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    options?.before?.(stack);
    victim = new Sandbox(stack, 'victim', { guest: Guest.micro(), networks: [new SandboxNetwork(stack, 'net')], ...props });
  }, options);
  return { plan: plans['lab']!, victim: victim! };
}

const domainOf = (props?: Partial<SandboxProps>, options?: Parameters<typeof lab>[1]) => resources(lab(props, options).plan, 'libvirt_domain')['victim/domain']!;
const conductOf = (props?: Partial<SandboxProps>, options?: Parameters<typeof lab>[1]) => companionCall(lab(props, options).plan, 'after', 'conduct/0')[0]!['conduct'] as Plan;

describe('a sandbox', () => {
  it('is synthesized as it was', () => {
    expect(portable(lab({ disks: [{ name: 'data', size: '1GiB' }], labels: { purpose: 'snapshot' }, owner: 'tests', ttl: '30m' }).plan)).toMatchSnapshot();
  });

  it('is the same in every synth', () => {
    expect(lab().plan).toEqual({ ...lab().plan, terraform: lab().plan['terraform'] });
  });

  it('is never changed in place: what it is made of replaces all of it', () => {
    const { plan } = lab();
    const { lifecycle: domain } = resources(plan, 'libvirt_domain')['victim/domain']!;
    const { lifecycle: root } = resources(plan, 'libvirt_volume')['victim/root']!;
    expect(domain).toEqual({ ignore_changes: 'all', replace_triggered_by: [expect.stringMatching(/^terraform_data\.victim_body_/)] });
    expect(root).toEqual({ ignore_changes: 'all', replace_triggered_by: [expect.stringMatching(/^terraform_data\.victim_generation_/)] });
  });

  it.each<[string, Partial<SandboxProps>]>([
    ['memory', { memory: '256MiB' }],
    ['vcpus', { vcpus: 2 }],
    ['a disk', { disks: [{ name: 'data', size: '1GiB' }] }],
    ['the size of its root disk', { rootSize: '1GiB' }],
    ['its display', { display: false }],
    ['its accelerator', { accelerator: 'tcg' }],
    ['its networks', { networks: [] }],
    ['its XML', { xmlOverrides: [{ path: 'on_crash', value: 'restart' }] }],
    ['its raw resource', { overrides: { autostart: true } }],
  ])('is replaced with %s', (_, props) => {
    const generation = (changed: Partial<SandboxProps>) => resources(lab(changed).plan, 'terraform_data')['victim/generation']!['triggers_replace'] as unknown;
    expect(generation(props)).not.toEqual(generation({}));
  });

  it('is replaced with the addresses of its network', () => {
    const generation = (subnet: string) => {
      const { plan } = lab({}, { before: (stack) => new Sandbox(stack, 'other', { guest: Guest.micro(), networks: [new SandboxNetwork(stack, 'lan', { subnet })] }) });
      return resources(plan, 'terraform_data')['other/generation']!['triggers_replace'] as unknown;
    };
    expect(generation('10.1.0.0/24')).not.toEqual(generation('10.2.0.0/24'));
  });

  it('changes its conduct without anything else', () => {
    const { plan: one } = lab({ labels: { a: '1' }, ttl: '1h', owner: 'x' });
    const { plan: other } = lab({ labels: { a: '2' }, ttl: '2h', owner: 'y', power: 'managed' });
    const withoutConduct = (plan: typeof one) => {
      const copy = structuredClone(plan);
      for (const { input } of Object.values(resources(copy, 'terraform_data')['companion/after']!['for_each'] as Record<string, Plan>)) for (const each of input.call as Plan[]) delete each['conduct'];
      // Whether it is on is ignored once it is there.
      delete resources(copy, 'libvirt_domain')['victim/domain']!['running'];
      return portable(copy);
    };
    expect(withoutConduct(other)).toEqual(withoutConduct(one));
    expect(companionCall(other, 'after', 'conduct/0')[0]!['conduct']).toEqual({ labels: { a: '2' }, ttl: 7_200_000, owner: 'y', power: 'managed', hooks: [], egress: { allow: [], admit: [], dns: false } });
  });

  it('has its root disk over the volume that its image is named by', () => {
    const { plan, victim } = lab();
    const { digest } = victim.spec.domain.disks[0]!.image!;
    expect(resources(plan, 'libvirt_volume')['victim/root']).toMatchObject({ name: 'lab-victim.root.qcow2', pool: 'sandform', format: 'qcow2', size: 2 ** 28, base_volume_name: `base.${digest}`, base_volume_pool: 'sandform' });
    expect(companionCall(plan, 'before', 'host/0').filter(({ action }) => action === 'image').map(({ image }) => image.digest as string)).toContain(digest);
  });

  it('has blank disks and disks over images of its own', () => {
    const image = bench.file('tools.qcow2', qcow2({ virtualSize: 2 ** 20 }));
    const { plan } = lab({ disks: [{ name: 'blank', size: '1GiB' }, { name: 'tools', image: Image.fromPath(image) }, { name: 'more', image: Image.fromPath(image), size: '2MiB' }] });
    const volumes = resources(plan, 'libvirt_volume');
    expect(volumes['victim/disk-blank']).toMatchObject({ size: 2 ** 30 });
    expect(volumes['victim/disk-blank']).not.toHaveProperty('base_volume_name');
    expect(volumes['victim/disk-tools']).toMatchObject({ size: 2 ** 20, base_volume_name: expect.stringMatching(/^base\.[0-9a-f]{64}$/) });
    expect(volumes['victim/disk-more']).toMatchObject({ size: 2 ** 21, base_volume_name: volumes['victim/disk-tools']!['base_volume_name'] });
    // Each image once, however often it is used.
    expect(companionCall(plan, 'before', 'host/0').filter(({ action }) => action === 'image')).toHaveLength(4);
  });

  it('holds its identity and domain part in its XML, with the digest of the very part', () => {
    const { victim } = lab();
    const { identity, domain } = victim.spec;
    expect(identity).toEqual({ schemaVersion: 1, app: 'tests', stack: 'lab', sandbox: 'victim', digest: digestOf(domain) });
    expect(domainOf()['xml'].xslt).toContain(`&quot;digest&quot;:&quot;${identity.digest}&quot;`);
  });

  it('knows its UUID and birth from Terraform, and the pool by the marker that lies in it', () => {
    const { xslt } = domainOf()['xml'];
    expect(xslt).toMatch(/<uuid>\$\{.*terraform_data\.victim_body_\w+\.id.*\}<\/uuid>/);
    expect(xslt).toMatch(/&quot;birth&quot;:&quot;\$\{.*timestamp\(\).*\}&quot;/);
    expect(xslt).toMatch(/<kernel>\$\{.*dirname\(libvirt_volume\.companion_marker_\w+\.id\).*\}\/base\.[0-9a-f]{64}<\/kernel>/);
  });

  it('has a NIC on each network, with an address that stays', () => {
    const [nic] = lab().victim.spec.domain.nics;
    expect(nic).toEqual({ network: 'lab-net', mac: expect.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/), model: 'virtio', address: expect.stringMatching(/^10\./), filter: 'sandform-lab-victim-0' });
    expect(lab().victim.spec.domain.nics[0]).toEqual(nic);
  });

  it('gives its guest cloud-init documents on a seed of its own', () => {
    const { plan, victim } = lab({ guest: Guest.debian12(), cloudInit: { userData: '#cloud-config\nhostname: ${x}\n' } });
    expect(resources(plan, 'libvirt_volume')['victim/seed']).toMatchObject({ name: 'lab-victim.seed.iso', pool: 'sandform', format: 'raw' });
    const { input, triggers_replace } = resources(plan, 'terraform_data')['victim/seed-documents']!;
    const documents = { userData: '#cloud-config\nhostname: ${"$"}{x}\n', metaData: '{"instance-id":"lab-victim","local-hostname":"lab-victim"}\n', networkConfig: '' };
    expect(input).toMatchObject({ create: true, call: [{ action: 'seed', name: 'lab-victim', documents }] });
    expect(triggers_replace).toEqual([expect.stringMatching(/^\$\{libvirt_volume\.victim_seed_\w+\.id\}$/), documents]);
    expect(resources(plan, 'terraform_data')['victim/body']!['triggers_replace']).toContainEqual(expect.stringMatching(/^\$\{terraform_data\.victim_seed-documents_\w+\.id\}$/));
    expect(JSON.stringify(victim.spec)).not.toContain('hostname');
  });

  it('takes raw changes of its resource', () => {
    expect(domainOf({ overrides: { autostart: true, 'lifecycle.prevent_destroy': true } })).toMatchObject({ autostart: true, lifecycle: { prevent_destroy: true, ignore_changes: 'all' } });
  });

  it('is named after its path in the stack', () => {
    const { victim } = lab({}, { before: (stack) => new Sandbox(stack, 'a', { guest: Guest.micro() }) });
    expect([victim.address, victim.domainName]).toEqual(['lab/victim', 'lab-victim']);
  });
});

describe('the accelerator', () => {
  const accelerator = (props?: Partial<SandboxProps>, context?: Record<string, unknown>) => domainOf(props, { ...(context ? { context } : {}) })['type'] as string;

  it('is KVM unless something says otherwise, and the nearest wins', () => {
    expect(accelerator()).toBe('kvm');
    process.env['SANDFORM_ACCELERATOR'] = 'tcg';
    expect(accelerator()).toBe('qemu');
    expect(accelerator({}, { 'sandform:accelerator': 'kvm' })).toBe('kvm');
    expect(accelerator({ accelerator: 'tcg' }, { 'sandform:accelerator': 'kvm' })).toBe('qemu');
  });
});

describe('labels, owner and TTL', () => {
  it('come from the scopes around, and the nearest wins', () => {
    const before = (stack: SandboxStack) => {
      Labels.of(stack.node.root).add('team', 'app').add('where', 'app');
      Labels.of(stack).add('where', 'stack');
    };
    expect(conductOf({ labels: { own: 'yes' } }, { before })['labels']).toEqual({ team: 'app', where: 'stack', own: 'yes' });
    expect(conductOf({ labels: { where: 'here' } }, { before })['labels']).toEqual({ team: 'app', where: 'here' });
  });

  it('come from the stack where the sandbox has none', () => {
    const plans = bench.synth((app) => {
      const stack = new SandboxStack(app, 'lab', { app: 'tests', owner: 'team', ttl: '1h', labels: { a: '1' } });
      new Sandbox(stack, 'one', { guest: Guest.micro() });
      new Sandbox(stack, 'two', { guest: Guest.micro(), owner: 'me', ttl: '2h' });
    });
    const conducts = companionCall(plans['lab']!, 'after', 'conduct/0').map(({ conduct }) => conduct as Plan);
    expect(conducts).toMatchObject([{ owner: 'team', ttl: 3_600_000, labels: { a: '1' } }, { owner: 'me', ttl: 7_200_000 }]);
  });
});

describe('images', () => {
  it('are noted for the companion by what they hold', () => {
    const { victim } = lab();
    const { digest } = victim.spec.domain.disks[0]!.image!;
    const entry = JSON.parse(readFileSync(join(bench.folder, 'cache', 'images', `${digest}.json`), 'utf8'));
    expect(entry).toEqual({ digest, format: 'qcow2', virtualSize: 2 ** 28, file: join(bench.folder, 'cache', 'guests', 'micro-root.qcow2'), size: 512 });
  });

  it('are hashed anew when they change', () => {
    const path = bench.file('changing.qcow2', qcow2({ virtualSize: 2 ** 20 }));
    const digest = () => lab({ guest: Guest.fromImage(Image.fromPath(path)) }).victim.spec.domain.disks[0]!.image!.digest;
    const before = digest();
    expect(digest()).toBe(before);
    bench.file('changing.qcow2', qcow2({ virtualSize: 2 ** 21 }));
    expect(digest()).not.toBe(before);
  });

  it('are found from the project’s folder', () => {
    const { victim } = lab({ guest: Guest.fromImage(Image.fromPath('package.json', { format: 'raw' })) });
    expect(victim.spec.domain.disks[0]!.image).toMatchObject({ format: 'raw' });
  });
});
