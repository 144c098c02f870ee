import { CompanionCall, Guest, Sandbox, SandboxNetwork, SandboxStack, mistakesOf } from '../../index';
import { type Plan, companionCall, resources, workbench } from './synthesized';

const bench = workbench();
const lab = (sandboxes = ['victim']) =>
  bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    const networks = [new SandboxNetwork(stack, 'net', { subnet: '10.88.0.0/20' })];
    for (const id of sandboxes) new Sandbox(stack, id, { guest: Guest.micro(), networks });
  })['lab']!;
const data = (plan = lab()) => resources(plan, 'terraform_data');
const UUID = '6f2c7a52-6d54-4d0e-9f6b-0d4b7f3e2a10';

describe('the companion’s resources', () => {
  it('are in every stack, even where there is nothing to look after', () => {
    const plan = bench.synth((app) => new SandboxStack(app, 'empty'))['empty']!;
    const actions = (resource: string, key: string) => companionCall(plan, resource, key).map(({ action }) => action as string);
    expect([actions('before', 'host/0'), actions('after', 'conduct/0')]).toEqual([['begin'], ['settle']]);
    expect(Object.keys(data(plan)['companion/pool']!['input'].call[0])).toContain('action');
  });

  it('call it with what it understands', () => {
    const plan = lab(['a', 'b']);
    const calls = [data(plan)['companion/pool']!['input'].call, companionCall(plan, 'before', 'host/0'), companionCall(plan, 'after', 'conduct/0'), companionCall(plan, 'after', 'release/a')];
    for (const call of calls) {
      const known = JSON.parse(JSON.stringify(call), (key, value: unknown) => (key === 'uuid' ? UUID : value)) as unknown;
      expect(mistakesOf(CompanionCall, known)).toEqual([]);
    }
  });

  it('come one after the other: pool, marker, before, all else, after', () => {
    const plan = lab();
    const volumes = resources(plan, 'libvirt_volume');
    expect(volumes['companion/marker']).toMatchObject({ name: 'stack.lab.marker', depends_on: [expect.stringContaining('companion_pool')] });
    expect(data(plan)['companion/before']!['triggers_replace']).toMatch(/libvirt_volume\.companion_marker_\w+\.id, .*libvirt_volume\.companion_settled_\w+\.id/);
    for (const resource of [volumes['victim/root']!, resources(plan, 'libvirt_network')['net/network']!, resources(plan, 'libvirt_domain')['victim/domain']!]) {
      expect(resource['depends_on']).toContainEqual(expect.stringContaining('companion_before'));
    }
    expect(companionCall(plan, 'after', 'conduct/0')[0]!['uuid']).toMatch(/^\$\{libvirt_domain\.victim_domain_\w+\.id\}$/);
  });

  it('settle the stack when all is there, and anew whenever something was prepared or a network made', () => {
    const { made } = data()['companion/after']!['for_each']['conduct/0'] as Plan;
    expect(made).toMatch(/^\$\{\[values\(terraform_data\.companion_before_\w+\)\[\*\]\.id, \[libvirt_network\.net_network_\w+\.id\]\]\}$/);
    expect(data()['companion/after']!['triggers_replace']).toBe('${try(each.value.trigger, [each.value.input, each.value.made])}');
  });

  it('release a sandbox with its own domain alone, and run nothing that could fail when that is made', () => {
    const keys = data(lab(['a', 'b']))['companion/after']!['for_each'];
    expect(keys['release/a']).toMatchObject({ input: { create: false, destroy: true }, trigger: expect.stringMatching(/^\$\{libvirt_domain\.a_domain_\w+\.id\}$/) });
    expect(keys['conduct/0']).toMatchObject({ input: { create: true, destroy: false } });
    expect(keys['conduct/0']).not.toHaveProperty('trigger');
  });

  it('run one process for all conducts, and one for all that comes before', () => {
    const plan = lab(['a', 'b', 'c']);
    expect(Object.keys(data(plan)['companion/before']!['for_each'])).toEqual(['host/0']);
    expect(companionCall(plan, 'after', 'conduct/0').map(({ action }) => action as string)).toEqual(['conduct', 'conduct', 'conduct', 'settle']);
  });

  it('hand over no more at once than an environment variable holds', () => {
    const plan = lab(Array.from({ length: 300 }, (_, index) => `sandbox-with-a-rather-long-name-${index}`));
    const keys = data(plan)['companion/after']!['for_each'] as Record<string, Plan>;
    const conducts = Object.entries(keys).filter(([key]) => key.startsWith('conduct/'));
    expect(conducts.length).toBeGreaterThan(1);
    for (const [, { input }] of conducts) expect(JSON.stringify(input.call).length).toBeLessThan(128 * 2 ** 10);
    expect(conducts.flatMap(([, { input }]) => input.call as Plan[]).filter(({ action }) => action === 'conduct')).toHaveLength(300);
  });

  it('run the same fixed command, found from wherever Terraform runs', () => {
    for (const part of ['pool', 'before', 'after']) {
      for (const { 'local-exec': exec } of data()[`companion/${part}`]!['provisioner']) {
        expect(exec.command).toBe(`\${self.input.${exec.when} ? "node -e 'require(\\"sandform/companion\\")'" : ":"}`);
        expect(exec.environment).toEqual({ SANDFORM_COMPANION: '${jsonencode(self.input.call)}', SANDFORM_COMPANION_WHEN: exec.when });
      }
    }
  });
});
