import { createHash } from 'node:crypto';
import { Construct, type IConstruct } from 'constructs';
import { type NetworkForward, type NetworkIdentity, SandformError, SCHEMA_VERSION, Subnet, asciiJson, isName, nameOnHost } from '../lib';
import { Mistakes } from './mistakes';
import type { ProvidedNetwork } from './provider/provider-generation';
import { StackContext } from './stack-context';
import { allocateSubnets } from './subnet-allocation';

/** A libvirt network that sandboxes can be attached to: one of ours, or one that exists. */
export interface ISandboxNetwork extends IConstruct {
  /** libvirt's name of it. */
  readonly networkName: string;
}

export interface SandboxNetworkProps {
  /** How guests reach beyond the network. @default 'isolated' */
  readonly forward?: NetworkForward;
  /** IPv4 addresses of the network, e.g. `10.20.0.0/24`. @default picked from the stack's range by the construct's path */
  readonly subnet?: string;
}

/**
 * A network of the stack's own. Guests get addresses by DHCP; the host has the first one.
 *
 * Its subnet is reserved when it is deployed: where it overlaps anything on the host, nothing is created.
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
  /** @internal */
  readonly provided: ProvidedNetwork;

  constructor(scope: Construct, id: string, props: SandboxNetworkProps = {}) {
    super(scope, id);
    const context = StackContext.of(this);
    const mistakes = Mistakes.of(this);
    const { forward = 'isolated', subnet } = props;
    this.networkName = nameOnHost(context.stack.node.id, context.nameOf(this));
    this.forward = forward;
    this.declaredSubnet = subnet === undefined ? undefined : mistakes.read(() => Subnet.parse(subnet, mistakes.doing('subnet')), undefined);
    this.provided = context.provider.network(this, 'network', () => this.facts(context), { after: [context.companion.before] });
    context.networks.push(this);
    mistakes.rules(() => [[['isolated', 'nat'].includes(forward), 'forward', forward, "'isolated' or 'nat'", 'choose one of them']]);
    mistakes.check(() => [...this.nameMistakes(context, mistakes), ...this.overlaps(mistakes)]);
    mistakes.check(() => {
      // Fails where the range has no room.
      allocateSubnets(this.node.root);
      return [];
    });
  }

  /** Addresses of the network, in CIDR form. Known when all networks of the app are declared. */
  get subnet(): string {
    return this.allocated.toString();
  }

  private get allocated(): Subnet {
    const subnet = allocateSubnets(this.node.root).get(this);
    if (subnet === undefined) throw new SandformError('INTERNAL', { doing: `${this.node.path}: looking up the subnet` });
    return subnet;
  }

  private facts(context: StackContext) {
    const { app, stack } = context;
    const identity: NetworkIdentity = { schemaVersion: SCHEMA_VERSION, app, stack: stack.node.id, network: context.nameOf(this) };
    return { name: this.networkName, bridge: bridgeName(identity), forward: this.forward, subnet: this.allocated, metadata: asciiJson(identity) };
  }

  private nameMistakes(context: StackContext, mistakes: Mistakes): SandformError[] {
    const name = context.nameOf(this);
    if (!isName(name)) return [mistakes.mistake('NAME_INVALID', 'id', { given: name })];
    const others = StackContext.allOf(this.node.root).flatMap(({ networks }) => networks);
    const namesake = others.find((other) => other.networkName === this.networkName);
    if (namesake === undefined || namesake === this) return [];
    return [mistakes.mistake('PROP_INVALID', 'id', { given: `a network '${this.networkName}' like ${namesake.node.path}`, expected: 'a name on the host of its own', fix: 'rename one of them' })];
  }

  /** Each pair is told once, of the later one. */
  private overlaps(mistakes: Mistakes): SandformError[] {
    const networks = StackContext.allOf(this.node.root).flatMap((context) => context.networks);
    const earlier = networks.slice(0, networks.indexOf(this)).filter((other) => StackContext.of(other).uri === StackContext.of(this).uri);
    const clash = earlier.find(({ declaredSubnet }) => this.declaredSubnet !== undefined && declaredSubnet?.overlaps(this.declaredSubnet));
    if (clash === undefined) return [];
    return [mistakes.mistake('PROP_INVALID', 'subnet', { given: `${this.subnet}, which overlaps ${clash.subnet} of ${clash.node.path}`, expected: 'a range of its own', fix: 'choose another, or leave it out to have one picked' })];
  }
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
