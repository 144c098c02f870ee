import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { SandformError, Subnet } from '../lib';
import { once } from './pass';
import type { SandboxNetwork } from './sandbox-network';
import { StackContext } from './stack-context';

/** Of networks that don't say otherwise. */
const PREFIX = 24;

/**
 * Gives every network of an app that has none a subnet of its own, the same in every synth: its place in the range follows
 * from the path of its construct; where that is taken, the next free one.
 *
 * @throws SandformError `NETWORK_RANGE_EXHAUSTED`
 */
export function allocateSubnets(app: IConstruct): ReadonlyMap<SandboxNetwork, Subnet> {
  return once(app, 'subnets', () => knownSubnets(app));
}

function knownSubnets(app: IConstruct): ReadonlyMap<SandboxNetwork, Subnet> {
  const networks = StackContext.networksOf(app);
  const known = results.get(app);
  if (known?.size === networks.length) return known;
  const allocated = new Map(networks.flatMap((network) => (network.declaredSubnet === undefined ? [] : [[network, network.declaredSubnet] as const])));
  const rest = networks.filter((network) => !allocated.has(network)).map((network) => ({ network, place: placeOf(network) }));
  // Not in the order of the code, so that a network that is added moves another one only where the two collide.
  for (const { network, place } of rest.sort((a, b) => (a.place < b.place ? -1 : 1))) {
    allocated.set(network, freeSubnet(network, place, [...allocated.values()]));
  }
  results.set(app, allocated);
  return allocated;
}

/** Networks are only ever added to an app, so a result holds until there is one more. */
const results = new WeakMap<IConstruct, ReadonlyMap<SandboxNetwork, Subnet>>();

function freeSubnet(network: SandboxNetwork, place: bigint, taken: readonly Subnet[]): Subnet {
  const { subnets: range } = StackContext.of(network);
  const prefix = Math.max(PREFIX, range.prefix);
  const count = 2 ** (prefix - range.prefix);
  const first = Number(place % BigInt(count));
  for (let step = 0; step < count; step++) {
    const candidate = Subnet.around(range.addressAt(((first + step) % count) * 2 ** (32 - prefix)), prefix);
    if (candidate !== undefined && !taken.some((other) => other.overlaps(candidate))) return candidate;
  }
  throw new SandformError('NETWORK_RANGE_EXHAUSTED', { doing: `${network.node.path}: picking a subnet`, given: range.toString() });
}

function placeOf(network: SandboxNetwork): bigint {
  return createHash('sha256').update(network.node.path).digest().readBigUInt64BE();
}
