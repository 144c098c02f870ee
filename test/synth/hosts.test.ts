import { type EgressProp, Guest, Image, Sandbox, SandboxNetwork, type SandboxNetworkProps, SandboxStack } from 'sandform';
import { type Plan, qcow2, workbench } from './synthesized';

const SESSION = 'qemu:///session?socket=/run/user/1000/libvirt/libvirt-sock';
const bench = workbench();

interface Declared {
  readonly uri?: string;
  readonly network?: SandboxNetworkProps;
  readonly egress?: EgressProp;
  readonly provider?: '0.8' | '0.9';
  /** Declares more in the stack. */
  readonly more?: (stack: SandboxStack, guest: Guest) => void;
}

/** A stack with one sandbox on one network, deployed to a user's own libvirt. */
function synthesized({ uri = SESSION, network = {}, egress, provider = '0.8', more }: Declared = {}): Plan {
  const guest = Guest.fromImage(Image.fromPath(bench.file('disk.qcow2', qcow2())));
  return bench.synth((app) => {
    const stack = new SandboxStack(app, 'lab', { app: 'tests', uri, provider });
    const net = new SandboxNetwork(stack, 'net', { subnet: '10.88.3.0/24', ...network });
    new Sandbox(stack, 'victim', { guest, networks: [net], ...(egress === undefined ? {} : { egress }) });
    more?.(stack, guest);
  })['lab'] as Plan;
}

const mistakes = (declared: Declared): { code: string; doing: string; fix: string }[] => {
  try {
    synthesized(declared);
  } catch (error) {
    return (error as { errors: { code: string; doing: string; fix: string }[] }).errors;
  }
  return [];
};

/** Arguments that QEMU gets for its network. */
const backend = (plan: Plan): string => /user,id=[^"<]*/.exec(JSON.stringify(plan['resource'].libvirt_domain))?.[0].replaceAll('\\', '') ?? '';

describe("a stack on a user's own libvirt, or on a remote one", () => {
  it.each(['0.8', '0.9'] as const)('has no network of the host with provider %s: QEMU plays one for each sandbox, and lets nothing pass but DHCP', (provider) => {
    const plan = synthesized({ provider });
    expect(plan['resource'].libvirt_network).toBeUndefined();
    expect(backend(plan)).toMatch(/^user,id=sandform0,net=10\.88\.3\.0\/24,host=10\.88\.3\.1,dhcpstart=10\.88\.3\.\d+,dns=10\.88\.3\.25[34],ipv6=off,restrict=on$/);
    expect(JSON.stringify(plan['resource'].libvirt_domain)).not.toContain('filterref');
    expect(JSON.stringify(plan['resource'].terraform_data)).not.toMatch(/"action": ?"network"|sandform-lab-victim-0/);
  });

  it('lets everything pass where that was asked for by network and egress alike', () => {
    expect(backend(synthesized({ network: { forward: 'nat', dns: 'forward' }, egress: 'open' }))).toContain('restrict=off');
  });

  it.each<[string, Declared, string]>([
    ['egress rules', { egress: [{ to: '192.0.2.1', ports: 80 }] }, 'lab/victim: egress'],
    ['open egress on an isolated network', { egress: 'open' }, 'lab/victim: egress'],
    ["open egress on a network whose name server asks nobody", { network: { forward: 'nat' }, egress: 'open' }, 'lab/victim: egress'],
    ['a routed network', { network: { forward: 'routed' } }, 'lab/net: forward'],
    ['IPv6', { network: { ipv6: true } }, 'lab/net: ipv6'],
    ['a network that exists', { more: (stack, guest) => void new Sandbox(stack, 'other', { guest, networks: [SandboxNetwork.fromName(stack, 'existing', 'default')] }) }, 'lab/other: networks'],
  ])('refuses %s, with what to do instead', (_what, declared, doing) => {
    expect(mistakes(declared)).toContainEqual(expect.objectContaining({ code: 'CAPABILITY_MISSING', doing, fix: expect.stringContaining('qemu:///system') }));
  });

  it.each(['qemu:///session', 'qemu+ssh://host/session'])("refuses %s, by which Terraform's provider would go to the system's libvirt", (uri) => {
    expect(mistakes({ uri })).toContainEqual(expect.objectContaining({ code: 'PROP_INVALID', doing: 'lab: uri', fix: expect.stringContaining('sandform env') }));
  });

  it.each(['qemu+tls://host/system', 'qemu://host/system'])('refuses %s with provider 0.8, which would wait for ever there', (uri) => {
    expect(mistakes({ uri })).toContainEqual(expect.objectContaining({ code: 'PROP_INVALID', doing: 'lab: uri', fix: expect.stringContaining('ssh') }));
    expect(mistakes({ uri, provider: '0.9' })).toEqual([]);
  });

  it('is known by LIBVIRT_DEFAULT_URI as well', () => {
    process.env['LIBVIRT_DEFAULT_URI'] = SESSION;
    const guest = Guest.fromImage(Image.fromPath(bench.file('disk.qcow2', qcow2())));
    const plan = bench.synth((app) => {
      const stack = new SandboxStack(app, 'lab', { app: 'tests' });
      new Sandbox(stack, 'victim', { guest, networks: [new SandboxNetwork(stack, 'net')] });
    })['lab'] as Plan;
    expect(backend(plan)).toContain('restrict=on');
  });
});
