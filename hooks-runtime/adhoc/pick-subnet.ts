import { randomInt } from 'node:crypto';
import { readNetworkXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { Subnet } from '../../lib/network';
import { LibvirtConnection } from '../libvirt';

/**
 * A subnet of a range, at random among those that no network of libvirt overlaps. Routes of the host are looked at by the deploy itself, which refuses
 * then.
 * @throws SandformError `NETWORK_RANGE_EXHAUSTED`
 */
export async function pickSubnet(uri: string, { range, prefix }: { readonly range: string; readonly prefix: number }): Promise<string> {
  await using connection = await LibvirtConnection.open(uri, { readOnly: true });
  const taken: Subnet[] = [];
  for (const { name } of await connection.networks.list()) taken.push(...(readNetworkXml((await (await connection.networks.find(name))?.xml()) ?? '')?.subnets ?? []));
  const [address = '', bits = ''] = range.split('/');
  const whole = Subnet.around(address, Number(bits));
  const picked = whole === undefined ? undefined : freeSubnet(whole, prefix, taken);
  if (picked === undefined) throw new SandformError('NETWORK_RANGE_EXHAUSTED', { doing: 'picking a subnet', given: `${range}, in which networks of this host leave no /${prefix}`, fix: "widen dynamic_address of SEE's configuration" });
  return picked.toString();
}

/** Begins anywhere and goes on from there, past whatever is in the way: never through every subnet of a range. */
export function freeSubnet(range: Subnet, prefix: number, taken: readonly Subnet[], random: (below: number) => number = randomInt): Subnet | undefined {
  const size = 2 ** (32 - prefix);
  const count = 2 ** (prefix - range.prefix);
  const start = random(count);
  let step = 0;
  while (step < count) {
    const place = (start + step) % count;
    const candidate = Subnet.around(range.addressAt(place * size), prefix);
    const obstacle = candidate === undefined ? undefined : taken.find((other) => other.overlaps(candidate));
    if (candidate !== undefined && obstacle === undefined) return candidate;
    const next = obstacle === undefined ? place + 1 : Math.floor((obstacle.last - range.first) / size) + 1;
    step += Math.min(Math.max(next - place, 1), count - place);
  }
  return undefined;
}
