import { Aspects, type App, type TerraformResource } from 'cdktf';
import { Guest, PROVIDERS, type ProviderName, Sandbox, SandboxNetwork, SandboxStack, SandformError, type XmlOverride } from '../../index';
import { LIBVIRT_0_8 } from '../../constructs/provider/libvirt-0.8';
import { LIBVIRT_0_9 } from '../../constructs/provider/libvirt-0.9';
import { misfitsOf } from '../../constructs/provider/provider-schema';
import { type Plan, portable, resources, workbench } from './synthesized';

const GENERATIONS = { '0.8': LIBVIRT_0_8, '0.9': LIBVIRT_0_9 };
const bench = workbench({ provider: '' });

/** Everything that constructs emit. */
const everything = (provider: ProviderName, overrides: Record<string, unknown> = {}) => (app: App): void => {
  const stack = new SandboxStack(app, 'lab', { provider, uri: 'qemu:///system', app: 'tests' });
  const networks = [new SandboxNetwork(stack, 'inner'), new SandboxNetwork(stack, 'outer', { forward: 'nat', ipv6: true }), new SandboxNetwork(stack, 'there', { forward: 'routed' }), new SandboxNetwork(stack, 'bridged', { forward: 'bridge', bridge: 'br0' })];
  const disks = (['virtio', 'sata', 'scsi'] as const).map((bus) => ({ name: bus, size: '1GiB', bus }) as const);
  new Sandbox(stack, 'full', { guest: Guest.debian12(), networks, disks, cloudInit: {}, power: 'managed', accelerator: 'tcg' });
  new Sandbox(stack, 'bare', { guest: Guest.micro(), display: false, overrides });
};
/** What the user is told. */
const refusal = (synth: () => unknown): string => {
  try {
    synth();
    return '';
  } catch (error) {
    if (!SandformError.is(error)) throw error;
    return error.format();
  }
};
const plan = (provider: ProviderName) => bench.synth(everything(provider))['lab']!;

describe.each(PROVIDERS)('what is synthesized for provider %s', (name) => {
  const { schema, harmful, version } = GENERATIONS[name];

  it('asks for the version whose schema is kept', () => {
    expect(schema.origin).toContain(version);
    expect(plan(name)['terraform'].required_providers.libvirt).toEqual({ source: 'dmacvicar/libvirt', version });
  });

  it('fits its schema and holds nothing that does harm', () => {
    const emitted = plan(name);
    expect(misfitsOf(emitted, schema, harmful)).toEqual([]);
    expect(Object.keys(emitted['resource']).sort()).toEqual(['libvirt_domain', 'libvirt_network', 'libvirt_volume', 'terraform_data']);
  });

  it('never plans an update of a sandbox or its disks in place', () => {
    const emitted = plan(name);
    for (const type of ['libvirt_domain', 'libvirt_volume']) {
      const found = Object.values(resources(emitted, type));
      expect(found.length).toBeGreaterThan(1);
      for (const { lifecycle } of found) expect(lifecycle.ignore_changes).toBe('all');
    }
  });

  it('stays what it is', () => {
    expect(portable(plan(name))).toMatchSnapshot();
  });

  it('does not reach Terraform where an override or an aspect makes it unfit', () => {
    expect(() => bench.synth(everything(name, { wings: 2 }))).toThrow(expect.objectContaining({ code: 'PLAN_MISFIT', given: expect.stringContaining('wings: unknown') as string }) as Error);
    expect(() => bench.synth(everything(name, { name: ['a'] }))).toThrow(expect.objectContaining({ code: 'PLAN_MISFIT' }) as Error);
    const aspect = (app: App) => {
      everything(name)(app);
      Aspects.of(app.node.findChild('lab')).add({ visit: (node) => ('terraformResourceType' in node && node.terraformResourceType === 'libvirt_domain' ? (node as TerraformResource).addOverride('memory', 'much') : undefined) });
    };
    expect(() => bench.synth(aspect)).toThrow(expect.objectContaining({ code: 'PLAN_MISFIT', given: expect.stringContaining('"much" is no "number"') as string }) as Error);
  });

  it.each(harmful.map(({ at, harm }) => [at, harm] as const))('never holds %s, which %s', (at, harm) => {
    const [type = '', ...path] = at.split('.');
    const body = path.reduceRight<unknown>((inner, step) => ({ [step]: ['devices', 'create'].includes(step) ? inner : [inner] }), 1);
    expect(misfitsOf({ resource: { [type]: { x: body } } }, schema, harmful)).toContain(`${type}.x.${path.join('.')}: ${harm}`.replace('interfaces.', schema.resources['libvirt_domain']?.blocks === undefined ? 'interfaces[0].' : 'interfaces.'));
  });
});

describe('a misfit', () => {
  it('is told by its path, with what the schema takes', () => {
    const body = { memory: 'much', wings: 2, disk: { volume_id: 1 }, xml: [{}, {}] };
    const misfits = misfitsOf({ resource: { libvirt_domain: { x: body } } }, LIBVIRT_0_8.schema, []);
    expect(misfits).toEqual(['libvirt_domain.x.memory: "much" is no "number"', 'libvirt_domain.x.wings: unknown', 'libvirt_domain.x.disk.volume_id: 1 is no "string"', 'libvirt_domain.x.xml: more than 1', 'libvirt_domain.x.name: missing']);
  });

  it('is found in nested attributes, where Terraform would drop it and say nothing', () => {
    const body = { name: 'x', type: 'kvm', uuid: 'x', os: { kernel_args: 'quiet' }, devices: { disks: [{ target: 1 }], interfaces: {}, rngs: [{}] } };
    const misfits = misfitsOf({ resource: { libvirt_domain: { x: body }, libvirt_pool: {} } }, LIBVIRT_0_9.schema, []);
    expect(misfits).toEqual([
      'libvirt_domain.x.uuid: only the provider gives it',
      'libvirt_domain.x.os.kernel_args: unknown',
      'libvirt_domain.x.devices.disks[0].target: 1 is no object',
      'libvirt_domain.x.devices.interfaces: {} is no list',
      'libvirt_domain.x.devices.rngs[0].model: missing',
      'libvirt_pool: not known to Sandform',
    ]);
  });
});

describe('the choice of the provider', () => {
  const versionOf = (declare: (app: App) => void, context = {}) => bench.synth(declare, { context })['lab']!['terraform'].required_providers.libvirt.version as string;
  const stack = (provider?: ProviderName) => (app: App) => void new SandboxStack(app, 'lab', provider === undefined ? {} : { provider });

  it('is 0.9, unless environment, context or prop say otherwise, the later over the former', () => {
    expect(versionOf(stack())).toBe('0.9.7');
    process.env['SANDFORM_PROVIDER'] = '0.8';
    expect(versionOf(stack())).toBe('0.8.3');
    expect(versionOf(stack(), { 'sandform:provider': '0.9' })).toBe('0.9.7');
    expect(versionOf(stack('0.8'), { 'sandform:provider': '0.9' })).toBe('0.8.3');
  });

  it('is refused where there is no such generation', () => {
    process.env['SANDFORM_PROVIDER'] = '0.7';
    expect(refusal(() => versionOf(stack()))).toMatch(/environment variable SANDFORM_PROVIDER[^]*0\.7[^]*'0\.9' or '0\.8'/);
    expect(refusal(() => versionOf(stack(1 as unknown as ProviderName)))).toMatch(/lab: provider/);
  });
});

describe('XML overrides with provider 0.9', () => {
  const domain = (...xmlOverrides: XmlOverride[]): Plan =>
    resources(
      bench.synth((app) => void new Sandbox(new SandboxStack(app, 'lab', { provider: '0.9' }), 'one', { guest: Guest.micro(), xmlOverrides }))['lab']!,
      'libvirt_domain',
    )['one/domain']!;

  it('become attributes, where the provider has a place for them', () => {
    const { devices, cpu, memory_backing: backing } = domain({ path: 'devices/disk/driver', attribute: 'cache', value: 'none' }, { path: 'devices/watchdog', attribute: 'model', value: 'itco' }, { path: 'cpu/topology', attribute: 'cores', value: '2' }, { path: 'memoryBacking/source', attribute: 'type', value: 'memfd' });
    expect(devices.disks[0].driver.cache).toBe('none');
    expect(devices.watchdogs).toEqual([{ model: 'itco' }]);
    expect(cpu.topology).toEqual({ cores: 2 });
    expect(backing).toEqual({ memory_source: { type: 'memfd' } });
  });

  it('are refused where it has none', () => {
    expect(refusal(() => domain({ path: 'devices/flux', attribute: 'model', value: 'capacitor' }))).toMatch(/XML_UNSUPPORTED[^]*devices\/flux[^]*provider: '0\.8'/);
    expect(refusal(() => domain({ path: 'devices/disk', attribute: 'wings', value: '2' }))).toMatch(/devices\/disk@wings/);
  });
});
