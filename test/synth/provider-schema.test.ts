import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Guest, Sandbox, SandboxNetwork, SandboxStack } from '../../index';
import { type Plan, resources, workbench } from './synthesized';

interface Block {
  readonly attributes?: Record<string, { readonly type: unknown; readonly required?: boolean; readonly readOnly?: boolean }>;
  readonly blocks?: Record<string, Block & { readonly nesting: string; readonly maxItems?: number; readonly minItems?: number }>;
}

const META = new Set(['//', 'depends_on', 'lifecycle', 'provisioner', 'for_each', 'count', 'provider', 'connection']);
const schema = JSON.parse(readFileSync(join(__dirname, '../../constructs/provider/schema/libvirt-0.8.json'), 'utf8')) as { provider: Block; resources: Record<string, Block> };

const bench = workbench();
/** Everything that constructs emit. */
const plan = () =>
  bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { uri: 'qemu:///system' });
    const networks = [new SandboxNetwork(stack, 'inner'), new SandboxNetwork(stack, 'outer', { forward: 'nat' })];
    new Sandbox(stack, 'full', { guest: Guest.debian12(), networks, disks: [{ name: 'data', size: '1GiB' }], cloudInit: {}, power: 'managed', accelerator: 'tcg' });
    new Sandbox(stack, 'bare', { guest: Guest.micro(), display: false });
  })['lab']!;

describe('what is synthesized for provider 0.8', () => {
  it('fits its schema', () => {
    const emitted = plan();
    const faults = Object.entries(emitted['resource'] as Record<string, Record<string, Plan>>)
      .filter(([type]) => type !== 'terraform_data')
      .flatMap(([type, instances]) => Object.entries(instances).flatMap(([name, body]) => faultsIn(body, schema.resources[type]!, `${type}.${name}`)));
    expect(faults).toEqual([]);
    expect(faultsIn(emitted['provider'].libvirt[0], schema.provider, 'provider')).toEqual([]);
  });

  it('would be found not to fit', () => {
    const body = { memory: 'much', wings: 2, disk: { volume_id: 1 }, xml: [{}, {}] };
    expect(faultsIn(body, schema.resources['libvirt_domain']!, 'x')).toEqual(['x.memory: "much" is no "number"', 'x.wings: unknown', 'x.disk.volume_id: 1 is no "string"', 'x.xml: more than 1', 'x.name: missing']);
  });

  it('never holds what is known to break', () => {
    const domains = Object.values(resources(plan(), 'libvirt_domain'));
    expect(domains).toHaveLength(2);
    for (const domain of domains) {
      // Written to nowhere and read from nowhere.
      expect(domain).not.toHaveProperty('metadata');
      // Would wait for an address that a guest without DHCP never gets, and fail the deploy after minutes.
      expect(domain['network_interface']).not.toContainEqual(expect.objectContaining({ wait_for_lease: true }));
      // Would make the provider ask the agent of a hostile guest for its addresses.
      expect(domain).not.toHaveProperty('qemu_agent');
      // Plans an update for each run that switches a guest on or off, and for whatever the provider reads back differently.
      expect(domain['lifecycle'].ignore_changes).toBe('all');
    }
    for (const volume of Object.values(resources(plan(), 'libvirt_volume'))) {
      // Would upload a file of the machine that deploys, for each sandbox anew.
      expect(volume).not.toHaveProperty('source');
    }
  });
});

/** What in a body does not fit a block; text with an interpolation in it may be anything. */
function faultsIn(body: Plan, block: Block, path: string): string[] {
  const known = Object.entries(body).filter(([name]) => !META.has(name));
  const faults = known.flatMap(([name, value]) => {
    const [attribute, nested] = [block.attributes?.[name], block.blocks?.[name]];
    if (attribute?.readOnly) return [`${path}.${name}: only read`];
    if (attribute) return fits(value, attribute.type) ? [] : [`${path}.${name}: ${JSON.stringify(value)} is no ${JSON.stringify(attribute.type)}`];
    if (!nested) return [`${path}.${name}: unknown`];
    const items = Array.isArray(value) ? value : [value];
    return nested.maxItems && items.length > nested.maxItems ? [`${path}.${name}: more than ${nested.maxItems}`] : items.flatMap((item) => faultsIn(item, nested, `${path}.${name}`));
  });
  const required = Object.entries(block.attributes ?? {}).filter(([name, { required }]) => required && body[name] === undefined);
  return [...faults, ...required.map(([name]) => `${path}.${name}: missing`)];
}

function fits(value: unknown, type: unknown): boolean {
  if (typeof value === 'string' && value.includes('${')) return true;
  if (Array.isArray(type)) return type[0] === 'map' ? typeof value === 'object' : Array.isArray(value) && value.every((item) => fits(item, type[1]));
  return typeof value === { string: 'string', number: 'number', bool: 'boolean' }[type as string];
}
