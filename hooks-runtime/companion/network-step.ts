import type { NetworkInput } from '../../lib/companion';
import { SandformError } from '../../lib/errors';
import { appMark, poolVolumeOf, type Reservation, reservationName } from '../../lib/naming';
import { Subnet, ipRange, rangesOverlap } from '../../lib/network';
import { SandformPool } from '../images';
import { type HostNetwork, listNetworks } from '../inventory';
import { HostLock } from '../locking';
import { type HostRoute, hostRoutes } from './host-routes';
import type { Step } from './step';

/** A reservation whose network has not come by then belongs to a deploy that died. */
const RESERVED_FOR_S = 30 * 60;

/**
 * The network's name is free or its own, and its range is reserved until the network itself is there.
 *
 * libvirt accepts overlapping ranges, so Sandform has to look. Under a lock of the host, so that of many deploys at once only
 * one gets a range. A reservation is an empty volume whose name tells it all; it ends with the network, or by its age.
 */
export const reserveNetwork: Step<'network'> = async ({ connection, signal, tell }, input) => {
  const { name, owner } = input;
  const doing = `${owner.stack}: deploying network '${name}'`;
  const pool = await SandformPool.ensure(connection);
  await using _lock = await HostLock.take(connection, 'subnets', { doing, signal, onWait: () => tell(`network ${name}: waiting for other deploys to choose their ranges`) });

  const now = Math.floor(Date.now() / 1000);
  const [networks, reservations, routes] = await Promise.all([listNetworks(connection), reservationsIn(pool), hostRoutes(connection.uri)]);
  const [fresh, stale] = partition(reservations, ({ at }) => at > now - RESERVED_FOR_S);
  assertNameFree(input, networks, fresh, doing);
  const { subnet, network6 } = input;
  const wanted6 = network6 === undefined ? undefined : ipRange(`${network6}/64`);
  const clash6 = wanted6 && networks.find((network) => network.name !== name && network.ranges6.some((range) => rangesOverlap(range, wanted6)));
  if (clash6) throw new SandformError('NETWORK_SUBNET_TAKEN', { doing, given: `${network6}/64`, expected: `a range that nothing else on ${connection.uri} uses; ${whose(clash6)} has it` });
  if (subnet === undefined) return undefined;
  const clash = clashOf(Subnet.parse(subnet, doing), input, networks, fresh, routes);
  if (clash !== undefined) throw new SandformError('NETWORK_SUBNET_TAKEN', { doing, given: subnet, expected: `a range that nothing else on ${connection.uri} uses; ${clash}` });

  const reservation = reservationName({ network: name, subnet, stack: owner.stack, appMark: appMark(owner.app), at: now });
  await pool.mark(reservation);
  const superseded = [...stale, ...fresh.filter((other) => isOf(input, other))].map(reservationName);
  for (const volume of superseded) if (volume !== reservation) await pool.remove(volume);
  return () => pool.remove(reservation);
};

/** The network's reservation is gone. */
export const dropReservation: Step<'network'> = async ({ connection }, input) => {
  const pool = await SandformPool.find(connection);
  if (pool === undefined) return undefined;
  for (const reservation of await reservationsIn(pool)) if (isOf(input, reservation)) await pool.remove(reservationName(reservation));
  return undefined;
};

async function reservationsIn(pool: SandformPool): Promise<Reservation[]> {
  return (await pool.volumes()).flatMap((volume) => {
    const what = poolVolumeOf(volume.volume.name);
    return what.kind === 'reservation' ? [what] : [];
  });
}

function assertNameFree({ name, owner }: NetworkInput, networks: readonly HostNetwork[], reservations: readonly Reservation[], doing: string): void {
  const network = networks.find((candidate) => candidate.name === name);
  if (network !== undefined && !isOwn(owner, network)) throw new SandformError('NETWORK_NAME_TAKEN', { doing, given: whose(network) });
  const reservation = reservations.find((candidate) => candidate.network === name);
  if (reservation !== undefined && (reservation.stack !== owner.stack || reservation.appMark !== appMark(owner.app))) {
    throw new SandformError('NETWORK_NAME_TAKEN', { doing, given: `network '${name}' of stack '${reservation.stack}' of another app, which is being deployed` });
  }
}

/** What uses the range already, in words. */
function clashOf(wanted: Subnet, input: NetworkInput, networks: readonly HostNetwork[], reservations: readonly Reservation[], routes: readonly HostRoute[]): string | undefined {
  const others = networks.filter(({ name }) => name !== input.name);
  const own = networks.find(({ name }) => name === input.name);
  for (const network of others) {
    const taken = network.subnets.find((subnet) => subnet.overlaps(wanted));
    if (taken !== undefined) return `${whose(network)} has ${taken.toString()}`;
  }
  for (const { network, subnet, stack } of reservations.filter((reservation) => !isOf(input, reservation))) {
    if (Subnet.parse(subnet).overlaps(wanted)) return `network '${network}' of stack '${stack}', which is being deployed, has ${subnet}`;
  }
  const route = routes.find(({ subnet, through }) => through !== own?.bridge && subnet.overlaps(wanted));
  return route && `the host has a route to ${route.subnet.toString()} through ${route.through}`;
}

function isOwn({ app, stack }: NetworkInput['owner'], { identity }: HostNetwork): boolean {
  return typeof identity === 'object' && identity.app === app && identity.stack === stack;
}

function isOf({ name, owner }: NetworkInput, { network, stack, appMark: mark }: Reservation): boolean {
  return network === name && stack === owner.stack && mark === appMark(owner.app);
}

function whose({ name, identity }: HostNetwork): string {
  if (identity === undefined) return `network '${name}', which is none of Sandform's,`;
  return identity === 'broken' ? `network '${name}'` : `network '${name}' of stack '${identity.stack}' of app '${identity.app}'`;
}

function partition<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
