import { randomBytes } from 'node:crypto';
import { dropReservation, reserveNetwork } from '../../../hooks-runtime/companion/network-step';
import type { StepContext } from '../../../hooks-runtime/companion/step';
import { SandformPool } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import type { NetworkInput } from '../../../lib/companion';
import type { SandformError } from '../../../lib/errors';
import { metadataXml } from '../../../lib/domain-xml';
import { reservationName } from '../../../lib/naming';
import { METADATA } from '../../../lib/spec';
import { startCompanion } from '../fixtures/companion-process';
import { testHost } from '../host';

let connection: LibvirtConnection;
let context: StepContext;
/** Subnets of this file lie in 10.201.0.0/16, names end in this. */
let tag: string;

beforeAll(async () => {
  connection = await LibvirtConnection.open((await testHost()).uri);
  context = { connection, stack: () => Promise.resolve(connection), siblings: () => Promise.resolve([]), conductOf: () => undefined, networkOf: () => undefined, filters: new Map<string, string>(), signal: new AbortController().signal, tell: () => undefined };
});
afterAll(() => connection.close());
beforeEach(() => {
  tag = randomBytes(3).toString('hex');
});
afterEach(async () => {
  const pool = await SandformPool.ensure(connection);
  for (const { kind, volume } of await pool.volumes()) if (kind === 'reservation' && volume.name.includes(tag)) await pool.remove(volume.name);
  for (const { name, uuid, active } of await connection.networks.list()) {
    if (!name.includes(tag)) continue;
    const network = await connection.networks.getByUuid(uuid);
    if (active) await network.destroy();
    await network.undefine();
  }
});

const input = (stack: string, subnet: string, app = 'app'): NetworkInput & { subnet: string } => ({ action: 'network', schemaVersion: 1, uri: connection.uri, owner: { app, stack: `${stack}${tag}` }, name: `${stack}${tag}-net`, subnet });
const reserve = (wanted: NetworkInput) => reserveNetwork(context, wanted);

/** A network as the provider makes it; without an owner one that is none of ours. */
async function define(name: string, subnet: string, owner?: NetworkInput['owner'], start = false): Promise<void> {
  const [address = '', prefix] = subnet.split('/');
  const identity = owner && metadataXml(METADATA.network, JSON.stringify({ schemaVersion: 1, ...owner, network: 'net' })).replace('<network>', `<s:network xmlns:s='${METADATA.network.uri}'>`).replace('</network>', '</s:network>');
  const gateway = address.replace(/\d+$/, (last) => String(Number(last) + 1));
  const network = await connection.networks.define(
    `<network><name>${name}</name>${identity === undefined ? '' : `<metadata>${identity}</metadata>`}<bridge name='sf${tag}${start ? 'a' : 'b'}'/><ip address='${gateway}' prefix='${prefix ?? ''}'/></network>`,
  );
  if (start) await network.create();
}

async function reservations(): Promise<string[]> {
  const volumes = await (await SandformPool.ensure(connection)).volumes();
  return volumes.flatMap((volume) => (volume.kind === 'reservation' && volume.network.includes(tag) ? [`${volume.network} ${volume.subnet}`] : []));
}

describe('reserving a subnet', () => {
  it('keeps it for one network, and lets that network ask again', async () => {
    await reserve(input('a', '10.201.1.0/24'));
    await reserve(input('a', '10.201.1.0/24'));
    expect(await reservations()).toEqual([`a${tag}-net 10.201.1.0/24`]);
  });

  it('moves to another range with its network', async () => {
    await reserve(input('a', '10.201.1.0/24'));
    await reserve(input('a', '10.201.2.0/24'));
    expect(await reservations()).toEqual([`a${tag}-net 10.201.2.0/24`]);
  });

  it.each(['10.201.1.0/24', '10.201.1.128/25', '10.201.0.0/16'])('refuses %s where 10.201.1.0/24 is reserved, and names whose it is', async (subnet) => {
    await reserve(input('a', '10.201.1.0/24'));
    const failure = await reserve(input('b', subnet)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NETWORK_SUBNET_TAKEN' });
    expect((failure as SandformError).expected).toContain(`a${tag}-net`);
    expect(await reservations()).toEqual([`a${tag}-net 10.201.1.0/24`]);
  });

  it.each([false, true])('refuses what a network of the host overlaps (running: %s)', async (running) => {
    await define(`other${tag}`, '10.201.3.0/25', undefined, running);
    await expect(reserve(input('a', '10.201.3.0/24'))).rejects.toMatchObject({ code: 'NETWORK_SUBNET_TAKEN' });
    expect(await reservations()).toEqual([]);
  });

  it('accepts the subnet that its own network has already', async () => {
    const own = input('a', '10.201.4.0/24');
    await define(own.name, own.subnet, own.owner, true);
    await reserve(own);
  });

  it('refuses a name that a network has which is none of ours, or of another app', async () => {
    await define(`a${tag}-net`, '10.201.5.0/24');
    await expect(reserve(input('a', '10.201.6.0/24'))).rejects.toMatchObject({ code: 'NETWORK_NAME_TAKEN' });
    const other = input('b', '10.201.7.0/24', 'another');
    await define(other.name, other.subnet, other.owner, true);
    await expect(reserve(input('b', '10.201.6.0/24'))).rejects.toMatchObject({ code: 'NETWORK_NAME_TAKEN' });
  });

  it('passes over, and clears away, a reservation whose network never came', async () => {
    const pool = await SandformPool.ensure(connection);
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    await pool.mark(reservationName({ network: `dead${tag}-net`, subnet: '10.201.8.0/24', stack: `dead${tag}`, appMark: '00000000', at: hourAgo }));
    await reserve(input('a', '10.201.8.0/24'));
    expect(await reservations()).toEqual([`a${tag}-net 10.201.8.0/24`]);
  });

  it('is undone, and dropped at destroy, without touching those of others', async () => {
    await reserve(input('b', '10.201.10.0/24'));
    const undo = await reserve(input('a', '10.201.9.0/24'));
    await undo?.();
    expect(await reservations()).toEqual([`b${tag}-net 10.201.10.0/24`]);
    await reserve(input('a', '10.201.9.0/24'));
    await dropReservation(context, input('a', '10.201.9.0/24'));
    await dropReservation(context, input('a', '10.201.9.0/24'));
    expect(await reservations()).toEqual([`b${tag}-net 10.201.10.0/24`]);
  });

  it('gives a range to exactly one of twenty deploys that want it at once', async () => {
    // Ten want the same range, ten a part of it: either one gets the whole, or all parts are given.
    const wanted = Array.from({ length: 20 }, (_, index) => input(`d${index}x`, index < 10 ? '10.201.64.0/20' : `10.201.${64 + index - 10}.0/24`));
    const ends = await Promise.allSettled(wanted.map(reserve));
    const won = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [wanted[index]!] : []));
    expect(won.length).toBe(won.some(({ subnet }) => subnet.endsWith('/24')) ? 10 : 1);
    expect(new Set(ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as SandformError).code] : [])))).toEqual(new Set(['NETWORK_SUBNET_TAKEN']));
    expect((await reservations()).sort()).toEqual(won.map(({ name, subnet }) => `${name} ${subnet}`).sort());
  });

  it('gives a range to exactly one of four processes that want it at once', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, (_, index) => startCompanion([input(`p${index}x`, '10.201.96.0/24')], 'create', {}).end));
    expect(ends.map(({ exitCode, error }) => error ?? exitCode).sort()).toEqual([0, 'NETWORK_SUBNET_TAKEN', 'NETWORK_SUBNET_TAKEN', 'NETWORK_SUBNET_TAKEN']);
    expect(await reservations()).toHaveLength(1);
  });

  it('leaves nothing that blocks others when it is killed in its middle', async () => {
    for (let round = 0; round < 4; round++) {
      const child = startCompanion([input(`k${round}`, `10.201.${32 + round}.0/24`)], 'create', {});
      const killing = setTimeout(() => child.kill('SIGKILL'), 700 + 120 * round);
      await child.end;
      clearTimeout(killing);
    }
    const started = performance.now();
    await reserve(input('z', '10.201.48.0/24'));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
