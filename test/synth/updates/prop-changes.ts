/**
 * What a deploy does where one prop has changed: nothing; something beside a guest that never notices; a new sandbox (or
 * network, and with it its sandboxes) in the place of the old one.
 */
export type UpdateKind = 'no-op' | 'in place' | 'replace';

/** One prop of a construct, with two values as source text; '' leaves it out. */
export interface PropChange {
  readonly construct: 'SandboxStack' | 'SandboxNetwork' | 'Sandbox';
  readonly prop: string;
  readonly from?: string;
  readonly to: string;
}

const of = (construct: PropChange['construct'], changes: readonly (readonly [string, string, string?])[]): PropChange[] =>
  changes.map(([prop, to, from = '']) => ({ construct, prop, from, to }));

/** Every prop that can change while the stack is deployed. `app`, `uri` and `provider` can't: docs/updates.md says what to do. */
export const PROP_CHANGES: readonly PropChange[] = [
  ...of('SandboxStack', [
    ['subnets', "'10.89.0.0/16'"],
    ['labels', "{ color: 'blue' }"],
    ['owner', "'grace'"],
    ['ttl', "'2h'"],
  ]),
  ...of('SandboxNetwork', [
    ['forward', "'nat'"],
    ['subnet', "'10.89.7.0/24'"],
    ['ipv6', 'true'],
    ['dns', "'forward'"],
  ]),
  ...of('Sandbox', [
    ['guest', 'Guest.debian12()'],
    ['memory', "'160MiB'"],
    ['vcpus', '2'],
    ['rootSize', "'1GiB'"],
    ['disks', "[{ name: 'more', size: '64MiB' }]"],
    ['mounts', "[{ source: '/usr/share', target: '/samples' }]"],
    ['networks', '[net, other]'],
    ['egress', "[{ to: '192.0.2.0/24', ports: 443 }]"],
    ['cloudInit', "{ userData: '#cloud-config\\nhostname: other\\n' }", '{}'],
    ['display', 'false'],
    ['accelerator', "'kvm'", "'tcg'"],
    ['machine', "'pc'"],
    ['hardware', "HardwareProfile.laptop()"],
    ['labels', "{ color: 'blue' }"],
    ['owner', "'grace'"],
    ['ttl', "'2h'"],
    ['power', "'managed'"],
    ['hooks', "[new Timers({ timers: { poke: '1s' } })]"],
    ['xmlOverrides', "[{ path: 'devices/disk/driver', attribute: 'cache', value: 'none' }]"],
    ['overrides', '{ autostart: true }'],
  ]),
];

/** Environment variable that names a root filesystem for the container of which `mounts` is changed. */
export const ROOT_TARBALL = 'SANDFORM_TEST_ROOT';

/** The body of an app with a stack `lab`, in which one prop of one construct has the given source text. */
export function declarations({ construct, prop }: Pick<PropChange, 'construct' | 'prop'>, value: string): string {
  const given = (kind: PropChange['construct'], defaults: Readonly<Record<string, string>> = {}) => {
    const props = { ...defaults, ...(kind === construct && value !== '' ? { [prop]: value } : {}) };
    return `{ ${Object.entries(props).map(([name, text]) => `${name}: ${text}`).join(', ')} }`;
  };
  // Only a guest with cloud-init takes documents for it; it need not boot for that.
  if (prop === 'mounts') {
    return `const lab = new SandboxStack(app, 'lab', { app: 'updates' });
    new Sandbox(lab, 'one', ${given('Sandbox', { guest: `Guest.container(RootFilesystem.fromTarball(process.env.${ROOT_TARBALL}))`, memory: "'64MiB'" })});`;
  }
  const guest = prop === 'cloudInit' ? { guest: 'Guest.debian12()', power: "'managed'" } : { guest: 'Guest.micro()' };
  return `
    const { Timers } = require('sandform/hooks');
    const lab = new SandboxStack(app, 'lab', ${given('SandboxStack', { app: "'updates'" })});
    const net = new SandboxNetwork(lab, 'net', ${given('SandboxNetwork')});
    const other = new SandboxNetwork(lab, 'other');
    new Sandbox(lab, 'one', ${given('Sandbox', { ...guest, networks: '[net]' })});`;
}
