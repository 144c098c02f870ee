import { createHash } from 'node:crypto';
import { Construct, type IConstruct } from 'constructs';
import {
  type NetworkForward,
  type NetworkIdentity,
  type NetworkXmlFacts,
  SandformError,
  SCHEMA_VERSION,
  Subnet,
  asciiJson,
  canonicalJson,
  ipRange,
  isName,
  nameOnHost,
  rangesOverlap,
} from '../lib';
import { attachmentsOf, networkHosts } from './address-allocation';
import { Mistakes } from './mistakes';
import type { ProvidedNetwork } from './provider/provider-generation';
import { TerraformData } from './provider/resource';
import { literal } from './provider/template';
import { sessionNetworkMistakes } from './session-rules';
import { StackContext } from './stack-context';
import { allocateSubnets } from './subnet-allocation';

/** A libvirt network that sandboxes can be attached to: one of ours, or one that exists. */
export interface ISandboxNetwork extends IConstruct {
  /** libvirt's name of it. */
  readonly networkName: string;
}

export type NameService = 'local' | 'forward';

export interface SandboxNetworkProps {
  /**
   * How guests reach beyond the network, as far as their egress rules let them: `isolated` (not at all), `nat`, `routed`, or `bridge`
   * (a bridge of the host). @default 'isolated'
   */
  readonly forward?: NetworkForward;
  /** IPv4 addresses of the network, e.g. `10.20.0.0/24`. @default picked from the stack's range by the construct's path */
  readonly subnet?: string;
  /** IPv6 as well: `true`, or a network of 64 bits such as `fd12:3456:789a:1::/64`. @default false */
  readonly ipv6?: boolean | string;
  /**
   * `local`: the network's name server knows its sandboxes and the names of their egress rules, and asks nobody. `forward`: it asks
   * the host's name servers for all others, which carries whatever a guest writes into a name to the world. @default 'local'
   */
  readonly dns?: NameService;
  /** For `forward: 'bridge'`: the bridge of the host. Others give addresses there. */
  readonly bridge?: string;
}

/**
 * A network of the stack's own. Guests get addresses by DHCP; the host has the first one.
 *
 * Its subnet is reserved when it is deployed: where it overlaps anything on the host, nothing is created. On a user's own libvirt, which has no
 * networks, QEMU plays it for each sandbox alone: nothing passes but DHCP, or with `egress: 'open'` everything. What can't be kept there is refused at synth.
 */
export class SandboxNetwork extends Construct implements ISandboxNetwork {
  /** A network that exists on the host. */
  static fromName(scope: Construct, id: string, name: string): ISandboxNetwork {
    return new ExistingNetwork(scope, id, name);
  }

  readonly networkName: string;
  readonly forward: NetworkForward;
  /** Addresses as they were declared. */
  readonly declaredSubnet: Subnet | undefined;
  readonly dns: NameService;
  /** First address of its IPv6 network of 64 bits, e.g. `fd12:3456:789a:1::`. */
  readonly network6: string | undefined;
  /** @internal Whether it is no network of the host: QEMU plays one for each guest alone. */
  readonly isUserMode: boolean;
  /** @internal Undefined where the host has no such network. */
  readonly provided: ProvidedNetwork | undefined;
  private readonly hostBridge: string | undefined;

  constructor(scope: Construct, id: string, props: SandboxNetworkProps = {}) {
    super(scope, id);
    const context = StackContext.of(this);
    const mistakes = Mistakes.of(this);
    const { forward = 'isolated', subnet, ipv6 = false, dns = 'local', bridge } = props;
    this.networkName = nameOnHost(context.stack.node.id, context.nameOf(this));
    this.forward = forward;
    this.declaredSubnet = subnet === undefined ? undefined : mistakes.read(() => Subnet.parse(subnet, mistakes.doing('subnet')), undefined);
    this.dns = dns;
    this.hostBridge = bridge;
    this.isUserMode = context.isSession;
    this.network6 = mistakes.read(() => declaredNetwork6(ipv6, this.identity(context), mistakes), undefined);
    // What a provider does not compare, or changes under running guests, makes it anew.
    const generation = new TerraformData(this, 'generation', { attributes: () => ({ triggers_replace: literal(canonicalJson([forward, this.linkText, this.network6 ?? null, dns, bridge ?? null])) }) });
    this.provided = this.isUserMode ? undefined : context.provider.network(this, 'network', () => this.facts(context), { after: [context.companion.before], replacedWith: [generation] });
    context.networks.push(this);
    mistakes.rules(() => [
      [FORWARDS.includes(forward), 'forward', forward, FORWARDS.map((one) => `'${one}'`).join(', '), 'choose one of them'],
      [NAME_SERVICES.includes(dns), 'dns', dns, "'local' or 'forward'", 'choose one of them'],
      [(forward === 'bridge') === (bridge !== undefined), 'bridge', bridge, "the name of a bridge with forward: 'bridge', and none otherwise", 'set both or neither'],
      [bridge === undefined || /^[A-Za-z0-9_.-]{1,15}$/.test(bridge), 'bridge', bridge, 'the name of an interface, at most 15 characters', 'correct it'],
      [forward !== 'bridge' || (subnet === undefined && ipv6 === false && dns === 'local'), 'forward', 'a bridge with subnet, ipv6 or dns', 'a bridge alone: others give addresses and names there', 'leave them out'],
      [this.isRoomy, 'subnet', this.linkText, 'an address for each of its sandboxes', 'choose a wider subnet'],
    ]);
    mistakes.check(() => [...this.nameMistakes(context, mistakes), ...this.overlaps(mistakes), ...(this.isUserMode ? sessionNetworkMistakes(this, mistakes) : [])]);
    mistakes.check(() => {
      // Fails where the range has no room.
      allocateSubnets(this.node.root);
      return [];
    });
  }

  /** Addresses of the network, in CIDR form. Known when all networks of the app are declared. @throws SandformError on a bridge of the host */
  get subnet(): string {
    const { range } = this;
    if (range === undefined) throw new SandformError('PROP_INVALID', { doing: `${this.node.path}: subnet`, given: 'a bridge of the host', expected: 'a network with addresses of its own', fix: 'ask whoever gives addresses there' });
    return range.toString();
  }

  /** @internal The same to calculate with; undefined on a bridge of the host. */
  get range(): Subnet | undefined {
    return this.forward === 'bridge' ? undefined : allocateSubnets(this.node.root).get(this);
  }

  /** @internal What a sandbox on it is made of as well. */
  get traits(): Readonly<Record<string, string | undefined>> {
    return { forward: this.forward, subnet: this.linkText, network6: this.network6, dns: this.dns, bridge: this.hostBridge, ...(this.isUserMode ? { by: 'qemu' } : {}) };
  }

  private get linkText(): string | undefined {
    return this.range?.toString();
  }

  private get isRoomy(): boolean {
    return this.range === undefined || attachmentsOf(this.node.root).every(({ network, address }) => network !== this || address !== undefined);
  }

  private identity(context: StackContext): NetworkIdentity {
    return { schemaVersion: SCHEMA_VERSION, app: context.app, stack: context.stack.node.id, network: context.nameOf(this) };
  }

  private facts(context: StackContext): NetworkXmlFacts {
    const identity = this.identity(context);
    const subnet = this.range;
    const link = subnet === undefined ? undefined : { subnet, network6: this.network6, forwardsNames: this.dns === 'forward', domain: identity.stack, hosts: [...networkHosts(this).values()] };
    return { name: this.networkName, bridge: this.hostBridge ?? bridgeName(identity), forward: this.forward, link, metadata: asciiJson(identity) };
  }

  private nameMistakes(context: StackContext, mistakes: Mistakes): SandformError[] {
    const name = context.nameOf(this);
    if (!isName(name)) return [mistakes.mistake('NAME_INVALID', 'id', { given: name })];
    const namesake = StackContext.networksOf(this.node.root).find((other) => other.networkName === this.networkName);
    if (namesake === undefined || namesake === this) return [];
    return [mistakes.mistake('PROP_INVALID', 'id', { given: `a network '${this.networkName}' like ${namesake.node.path}`, expected: 'a name on the host of its own', fix: 'rename one of them' })];
  }

  /** Each pair is told once, of the later one. */
  private overlaps(mistakes: Mistakes): SandformError[] {
    const networks = StackContext.networksOf(this.node.root);
    const earlier = networks.slice(0, networks.indexOf(this)).filter((other) => StackContext.of(other).uri === StackContext.of(this).uri);
    const clash = earlier.find(({ declaredSubnet }) => this.declaredSubnet !== undefined && declaredSubnet?.overlaps(this.declaredSubnet));
    if (clash === undefined) return [];
    return [mistakes.mistake('PROP_INVALID', 'subnet', { given: `${this.subnet}, which overlaps ${clash.subnet} of ${clash.node.path}`, expected: 'a range of its own', fix: 'choose another, or leave it out to have one picked' })];
  }
}

const NAME_SERVICES: readonly NameService[] = ['local', 'forward'];
const FORWARDS: readonly NetworkForward[] = ['isolated', 'nat', 'routed', 'bridge'];

/** Of those that anybody may use for a network of their own (RFC 4193). */
function declaredNetwork6(ipv6: boolean | string, identity: NetworkIdentity, mistakes: Mistakes): string | undefined {
  if (ipv6 === false) return undefined;
  if (ipv6 === true) {
    const hex = createHash('sha256').update(JSON.stringify(['ipv6', identity.app, identity.stack, identity.network])).digest('hex');
    return ipRange(`fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}:${hex.slice(10, 14)}::`)?.network;
  }
  const range = typeof ipv6 === 'string' ? ipRange(ipv6) : undefined;
  const isUnicast = range !== undefined && !rangesOverlap(range, { family: 'ipv6', network: 'ff00::', prefix: 8 }) && !rangesOverlap(range, { family: 'ipv6', network: 'fe80::', prefix: 10 });
  if (range?.family === 'ipv6' && range.prefix === 64 && range.network.endsWith('::') && isUnicast) return range.network;
  throw mistakes.mistake('SUBNET_INVALID', 'ipv6', { given: ipv6, expected: 'true, or an IPv6 network of 64 bits such as fd12:3456:789a:1::/64', fix: 'correct it' });
}

/** At most 15 characters, which is what the kernel takes; the same for the same network of the same app. */
function bridgeName(identity: NetworkIdentity): string {
  return `sf${createHash('sha256').update(JSON.stringify([identity.app, identity.stack, identity.network])).digest('hex').slice(0, 10)}`;
}

class ExistingNetwork extends Construct implements ISandboxNetwork {
  constructor(
    scope: Construct,
    id: string,
    readonly networkName: string,
  ) {
    super(scope, id);
    const fits = /^[A-Za-z0-9][A-Za-z0-9_-]{0,126}$/.test(networkName);
    Mistakes.of(this).check(() => (fits ? [] : [Mistakes.of(this).mistake('NAME_INVALID', 'name', { given: networkName })]));
  }
}
