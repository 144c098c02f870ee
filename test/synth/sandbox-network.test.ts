import fc from 'fast-check';
import { Guest, Sandbox, SandboxNetwork, type SandboxNetworkProps, SandboxStack, Subnet } from '../../index';
import { companionCall, portable, resources, workbench } from './synthesized';

const bench = workbench();

const lab = (props: SandboxNetworkProps = {}, subnets?: string) =>
  bench.synth((app) => new SandboxNetwork(new SandboxStack(app, 'lab', { app: 'tests', ...(subnets ? { subnets } : {}) }), 'net', props))['lab']!;

describe('a network', () => {
  it('is synthesized as it was', () => {
    expect(portable(lab({ forward: 'nat', subnet: '10.20.0.0/24' }))).toMatchSnapshot();
  });

  it.each([
    ['isolated', 'none'],
    ['nat', 'nat'],
  ] as const)('that is %s has mode %s', (forward, mode) => {
    expect(resources(lab({ forward }), 'libvirt_network')['net/network']).toMatchObject({ name: 'lab-net', mode });
  });

  it('is isolated unless it says otherwise', () => {
    expect(resources(lab(), 'libvirt_network')['net/network']!['mode']).toBe('none');
  });

  it('has its subnet reserved before it is made', () => {
    const plan = lab({ subnet: '10.20.0.0/24' });
    expect(companionCall(plan, 'before', 'host/0')).toContainEqual({ action: 'network', schemaVersion: 1, uri: 'qemu:///system', owner: { app: 'tests', stack: 'lab' }, name: 'lab-net', subnet: '10.20.0.0/24' });
    expect(resources(plan, 'libvirt_network')['net/network']).toMatchObject({ addresses: ['10.20.0.0/24'], depends_on: [expect.stringMatching(/^terraform_data\.companion_before_/)] });
  });

  it('has a bridge whose name the kernel takes', () => {
    expect(resources(lab(), 'libvirt_network')['net/network']!['bridge']).toMatch(/^sf[0-9a-f]{10}$/);
  });

  it('that exists is referred to by name, and nothing of it is made', () => {
    const plan = bench.synth((app) => {
      const stack = new SandboxStack(app, 'lab');
      new Sandbox(stack, 'victim', { guest: Guest.micro(), networks: [SandboxNetwork.fromName(stack, 'default', 'default')] });
    })['lab']!;
    expect(resources(plan, 'libvirt_network')).toEqual({});
    expect(resources(plan, 'libvirt_domain')['victim/domain']!['network_interface']).toEqual([{ network_name: 'default', mac: expect.any(String) }]);
  });
});

describe('a subnet that is picked', () => {
  /** Subnets of networks by the paths of their constructs. */
  const picked = (stacks: Record<string, readonly string[]>, props: { subnets?: string; declared?: Record<string, string> } = {}) => {
    const networks: SandboxNetwork[] = [];
    bench.synth((app) => {
      for (const [name, ids] of Object.entries(stacks)) {
        const stack = new SandboxStack(app, name, { ...(props.subnets ? { subnets: props.subnets } : {}) });
        networks.push(...ids.map((id) => new SandboxNetwork(stack, id, { ...(props.declared?.[id] ? { subnet: props.declared[id] } : {}) })));
      }
    });
    return new Map(networks.map((network) => [network.node.path, Subnet.parse(network.subnet)]));
  };

  it('lies in the default range, and is the same in every synth', () => {
    const subnet = picked({ lab: ['net'] }).get('lab/net')!;
    expect(subnet.overlaps(Subnet.parse('10.88.0.0/13'))).toBe(true);
    expect(subnet.prefix).toBe(24);
    expect(picked({ lab: ['net'] }).get('lab/net')).toEqual(subnet);
  });

  it('overlaps no other of the app, and does not depend on the order of the code', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, (one, two) => {
        // A range of 32 subnets makes collisions certain.
        const subnets = picked({ one, two }, { subnets: '10.64.0.0/19' });
        const list = [...subnets.values()];
        list.forEach((subnet, index) => list.slice(index + 1).forEach((other) => expect(subnet.overlaps(other)).toBe(false)));
        expect(picked({ two: two.toReversed(), one: one.toReversed() }, { subnets: '10.64.0.0/19' })).toEqual(new Map(subnets));
      }),
      { numRuns: 10 },
    );
  });

  it('leaves out those that were declared', () => {
    const subnets = picked({ lab: ['a', 'b', 'c'] }, { subnets: '10.64.0.0/22', declared: { a: '10.64.0.0/23' } });
    expect([...subnets.values()].map(String).sort()).toEqual(['10.64.0.0/23', '10.64.2.0/24', '10.64.3.0/24']);
  });

  it('is refused where the range has no room', () => {
    expect(() => picked({ lab: ['a', 'b'] }, { subnets: '10.64.0.0/24' })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ code: 'NETWORK_RANGE_EXHAUSTED' })] }));
  });
});
