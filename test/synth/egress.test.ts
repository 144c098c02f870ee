import fc from 'fast-check';
import { type EgressProp, Guest, Sandbox, SandboxNetwork, type SandboxNetworkProps, SandboxStack } from '../../index';
import { companionCall, resources, workbench } from './synthesized';

const bench = workbench();

/** Two sandboxes on one network. */
function lab(egress?: EgressProp | ((peer: Sandbox, net: SandboxNetwork) => EgressProp), net: SandboxNetworkProps = {}) {
  let made: { victim: Sandbox; peer: Sandbox; network: SandboxNetwork } | undefined;
  const plan = bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests' });
    const network = new SandboxNetwork(stack, 'net', { subnet: '10.20.0.0/24', ...net });
    const peer = new Sandbox(stack, 'peer', { guest: Guest.micro(), networks: [network] });
    const rules = typeof egress === 'function' ? egress(peer, network) : egress;
    made = { network, peer, victim: new Sandbox(stack, 'victim', { guest: Guest.micro(), networks: [network], ...(rules === undefined ? {} : { egress: rules }) }) };
  })['lab']!;
  return { plan, ...made! };
}

describe('the egress of a sandbox', () => {
  it('is closed where it says nothing, and no matter without a network', () => {
    expect(lab().victim.spec.conduct.egress).toEqual({ allow: [], admit: [], dns: false });
    bench.synth((app) => expect(new Sandbox(new SandboxStack(app, 'lab'), 'alone', { guest: Guest.micro() }).spec.conduct.egress).toBeUndefined());
  });

  it('holds rules in their canonical form', () => {
    const { victim } = lab([{ to: '10.9.8.7/8' }, { to: '203.0.113.7', ports: [443, '8000-8080'] }, { to: '2001:db8::/32', protocol: 'icmp' }, { to: 'Example.org', protocol: 'udp', ports: 53 }]);
    expect(victim.spec.conduct.egress).toEqual({
      allow: [
        { to: '10.0.0.0/8' },
        { to: '203.0.113.7/32', ports: [{ from: 443, to: 443 }, { from: 8000, to: 8080 }] },
        { to: '2001:db8::/32', protocol: 'icmp' },
        { to: 'example.org', protocol: 'udp', ports: [{ from: 53, to: 53 }] },
      ],
      admit: [],
      dns: true,
    });
  });

  it('names a peer by its addresses, and the peer admits it', () => {
    const { victim, peer, network } = lab((other) => [{ to: other, ports: 80 }], { ipv6: 'fd00:1:2:3::/64' });
    const what = { ports: [{ from: 80, to: 80 }] };
    expect(victim.spec.conduct.egress).toMatchObject({ allow: [{ to: `${peer.addressOn(network)}/32`, ...what }, { to: `${peer.address6On(network)}/128`, ...what }], dns: true });
    expect(peer.spec.conduct.egress).toEqual({ allow: [], admit: [{ from: `${victim.addressOn(network)}/32`, ...what }, { from: `${victim.address6On(network)}/128`, ...what }], dns: false });
  });

  it('names all of a network by its range, and all of them admit it', () => {
    const { victim, peer, network } = lab((_, net) => [{ to: net, protocol: 'icmp' }]);
    expect(victim.spec.conduct.egress).toMatchObject({ allow: [{ to: '10.20.0.0/24', protocol: 'icmp' }] });
    expect(peer.spec.conduct.egress).toMatchObject({ admit: [{ from: `${victim.addressOn(network)}/32`, protocol: 'icmp' }] });
  });

  it('changes nothing that would replace the sandbox', () => {
    const [closed, open] = [lab(), lab('open')];
    expect(open.victim.spec.identity.digest).toBe(closed.victim.spec.identity.digest);
    expect(resources(open.plan, 'libvirt_domain')).toEqual(resources(closed.plan, 'libvirt_domain'));
  });

  it('comes with a filter and an address that are there before the sandbox', () => {
    const { plan, victim, network } = lab();
    const nic = { network: 'lab-net', mac: victim.spec.domain.nics[0]!.mac, filter: 'sandform-lab-victim-0', address: victim.addressOn(network), name: 'victim' };
    expect(companionCall(plan, 'before', 'host/0')).toContainEqual(expect.objectContaining({ action: 'domain', name: 'lab-victim', nics: [nic] }));
    expect(resources(plan, 'libvirt_domain')['victim/domain']!['xml'].xslt).toContain('<filterref filter="sandform-lab-victim-0"/>');
    expect(resources(plan, 'libvirt_network')['net/network']!['xml'].xslt).toContain(`<host mac="${nic.mac}" name="victim" ip="${nic.address}"/>`);
  });

  const wrong: [string, EgressProp][] = [
    ['no address', [{ to: '10.1.2.999' }]],
    ['a name that is none', [{ to: 'not a name' }]],
    ['a prefix too long', [{ to: '10.0.0.0/33' }]],
    ['a port out of range', [{ to: '10.0.0.0/8', ports: 65536 }]],
    ['a range of ports backwards', [{ to: '10.0.0.0/8', ports: '90-80' }]],
    ['no ports at all', [{ to: '10.0.0.0/8', ports: [] }]],
    ['ports of ICMP', [{ to: '10.0.0.0/8', protocol: 'icmp', ports: 1 }]],
    ['an unknown protocol', [{ to: '10.0.0.0/8', protocol: 'sctp' as 'tcp' }]],
    ['a word that is not open', 'closed' as 'open'],
  ];
  it.each(wrong)('is refused with %s', (_, egress) => {
    expect(() => lab(egress)).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ code: 'PROP_INVALID' })] }));
  });

  it('is refused where it names a sandbox that shares no network, or a name on a network that asks others for names', () => {
    expect(() => lab((peer) => [{ to: new Sandbox(SandboxStack.of(peer), 'far', { guest: Guest.micro() }) }])).toThrow(expect.objectContaining({ code: 'APP_INVALID' }));
    expect(() => lab([{ to: 'example.org' }], { dns: 'forward' })).toThrow(expect.objectContaining({ code: 'APP_INVALID' }));
  });

  it('never crashes: any rule is in the plan, or a coded mistake', () => {
    const anything = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.domain(), fc.integer(), fc.constant(null), fc.constant(undefined));
    const rule = fc.record({ to: anything, protocol: fc.oneof(fc.constantFrom('tcp', 'udp', 'icmp', undefined), anything), ports: fc.oneof(anything, fc.array(anything, { maxLength: 3 })) }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(fc.array(rule, { maxLength: 2 }), anything), (egress) => {
        try {
          expect(lab(egress as EgressProp).victim.spec.conduct.egress).toBeDefined();
        } catch (error) {
          expect(error).toMatchObject({ code: 'APP_INVALID' });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the addresses of sandboxes', () => {
  it('differ on a network, lie between the host and the broadcast address, and stay when others come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), (count) => {
        let some: (string | undefined)[] = [];
        bench.synth((app) => {
          const stack = new SandboxStack(app, 'lab', { app: 'tests' });
          const net = new SandboxNetwork(stack, 'net', { subnet: '10.20.0.16/28' });
          const sandboxes = Array.from({ length: count }, (_, index) => new Sandbox(stack, `s${index}`, { guest: Guest.micro(), networks: [net] }));
          some = sandboxes.map((sandbox) => sandbox.addressOn(net));
        });
        expect(new Set(some).size).toBe(count);
        for (const address of some) expect(Number(address!.split('.')[3])).toBeGreaterThan(17);
        for (const address of some) expect(Number(address!.split('.')[3])).toBeLessThan(31);
      }),
      { numRuns: 13 },
    );
  });

  it('run out on a network that is too small, which is refused', () => {
    const crowd = () =>
      bench.synth((app) => {
        const stack = new SandboxStack(app, 'lab');
        const net = new SandboxNetwork(stack, 'net', { subnet: '10.20.0.0/29' });
        for (let index = 0; index < 6; index++) new Sandbox(stack, `s${index}`, { guest: Guest.micro(), networks: [net] });
      });
    expect(crowd).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ code: 'PROP_INVALID', given: '10.20.0.0/29' })] }));
  });
});
