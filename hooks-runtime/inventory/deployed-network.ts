import { readNetworkXml } from '../../lib/domain-xml';
import type { IpRange, Subnet } from '../../lib/network';
import { mistakesOf, NetworkIdentity } from '../../lib/spec';
import { type LibvirtConnection, unlessMissing } from '../libvirt';

/** A network of the host, ours or not. */
export interface HostNetwork {
  /** libvirt's name. */
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly persistent: boolean;
  /** Its interface on the host, where it has one. */
  readonly bridge: string | undefined;
  /** The IPv4 ranges that it uses. */
  readonly subnets: readonly Subnet[];
  /** The IPv6 ranges that it uses. */
  readonly ranges6: readonly IpRange[];
  /** Whose it is; `broken` where it says to be ours but not whose; undefined where it is none of ours. */
  readonly identity: NetworkIdentity | 'broken' | undefined;
}

/** All networks of a host. Those that go meanwhile are left out. */
export async function listNetworks(connection: LibvirtConnection): Promise<HostNetwork[]> {
  const networks = await Promise.all(
    (await connection.networks.list()).map(async ({ name, uuid, active, persistent }) => {
      const read = readNetworkXml((await unlessMissing(connection.networks.getByUuid(uuid).then((network) => network.xml()))) ?? '');
      return read && { name, uuid, active, persistent, ...read, identity: identityIn(read.identity) };
    }),
  );
  return networks.filter((network) => network !== undefined);
}

/** Whose a network says it is, from its metadata. */
export function identityIn(text: string | undefined): HostNetwork['identity'] {
  if (text === undefined) return undefined;
  try {
    const identity: unknown = JSON.parse(text);
    return mistakesOf(NetworkIdentity, identity).length === 0 ? (identity as NetworkIdentity) : 'broken';
  } catch {
    return 'broken';
  }
}
