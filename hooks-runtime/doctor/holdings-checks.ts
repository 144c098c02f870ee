import { readDomainXml } from '../../lib/domain-xml';
import { POOL, domainOfFilter } from '../../lib/naming';
import { poolPath, SandformPool } from '../images';
import { type DeployedSandbox, listAllSandboxes } from '../inventory';
import { type LibvirtConnection, unlessMissing } from '../libvirt';
import { deadLocks } from '../locking';
import { orphanedProcesses, ownFilters } from '../reap';
import { listRuns, runsFolder } from '../record';
import { type Finding, ok, warning } from './finding';
import { roomFinding } from './machine-checks';

/** The pool and its room. */
export async function poolFindings(connection: LibvirtConnection): Promise<Finding[]> {
  const pool = await connection.pools.find(POOL);
  if (pool === undefined) return [ok('pool', `not made yet; the first deploy makes it in ${poolPath(connection.uri)}`)];
  const info = await pool.info();
  if (!info.active) return [warning('pool', `storage pool '${POOL}' is off; the next deploy starts it, but a state that names its volumes cannot be planned or destroyed before`, `run \`virsh pool-start ${POOL}\``)];
  const own = await SandformPool.find(connection);
  return [roomFinding('pool', (await own?.path()) ?? POOL, info.available)];
}

/** What was left behind, and by whom. */
export async function leftoverFindings(connection: LibvirtConnection, siblings: readonly LibvirtConnection[] = [], now = new Date()): Promise<Finding[]> {
  const all = [connection, ...siblings];
  const { sandboxes, broken } = await listAllSandboxes(all);
  const pool = await SandformPool.find(connection);
  const volumes = (await pool?.volumes()) ?? [];
  const domains = new Set((await Promise.all(all.map((host) => host.domains.list()))).flat().map(({ name }) => name));
  const networks = new Set((await connection.networks.list()).map(({ name }) => name));
  const expired = sandboxes.filter(({ expiry }) => expiry !== undefined && expiry <= now);
  const left = [
    leftover('expired sandboxes', expired.map(({ address }) => address), 'run `sandform reap --expired`'),
    leftover('unreadable sandboxes', broken.map(({ domain }) => domain), 'look at them with `virsh dumpxml`; `sandform reap --all` removes them with everything else'),
    leftover('volumes without their sandbox', volumes.flatMap((volume) => ((volume.kind === 'disk' || volume.kind === 'console' || volume.kind === 'memory') && !domains.has(volume.domain) ? [volume.volume.name] : [])), 'if no deploy is under way, run `sandform reap STACK`'),
    leftover('network filters without their sandbox', await filtersAlone(connection, domains), 'if no deploy is under way, run `sandform reap STACK` or `sandform reap --all`'),
    leftover('disks that the pool does not know, which Terraform cannot plan with', await unknownDisks(connection, pool, sandboxes), `run \`virsh pool-refresh ${POOL}\``),
    leftover('stale reservations', volumes.flatMap((volume) => (volume.kind === 'reservation' && !networks.has(volume.network) && volume.at < now.getTime() / 1000 - STALE_AFTER_S ? [volume.volume.name] : [])), 'they end by themselves with the next deploy; `sandform reap STACK` removes them'),
    leftover('processes that nobody waits for', orphanedProcesses(connection.uri).map(({ pid, name }) => `${name} (${pid})`), 'run `sandform reap STACK` or `sandform reap --all`'),
    leftover('locks of processes that have ended', (await deadLocks(connection)).map(({ key }) => key), 'they are broken by whoever wants them next; `sandform reap STACK` removes them'),
    leftover('runs that were killed', await killedRuns(), '`sandform reap STACK` or `sandform reap --all` ends their records'),
  ].flat();
  return left.length > 0 ? left : [ok('leftovers', 'none')];
}

async function filtersAlone(connection: LibvirtConnection, domains: ReadonlySet<string>): Promise<string[]> {
  const filters = await ownFilters(connection);
  return filters.filter((name) => !domains.has(domainOfFilter(name) ?? ''));
}

/** An operator's external snapshot makes a file that libvirt's pool hears of only when it is refreshed. */
async function unknownDisks(connection: LibvirtConnection, pool: SandformPool | undefined, sandboxes: readonly DeployedSandbox[]): Promise<string[]> {
  if (pool === undefined) return [];
  const folder = `${await pool.path()}/`;
  const known = new Set((await pool.volumes()).map(({ volume }) => volume.path));
  const files = await Promise.all(sandboxes.map(async ({ uuid }) => disksOf((await unlessMissing(connection.domains.getByUuid(uuid).then((domain) => domain.xml()))) ?? '')));
  return files.flat().filter((file) => file.startsWith(folder) && !known.has(file));
}

function disksOf(domainXml: string): string[] {
  return (readDomainXml(domainXml)?.disks ?? []).flatMap(({ file }) => file ?? []);
}

const STALE_AFTER_S = 30 * 60;
const MOST_NAMED = 5;

function leftover(what: string, names: readonly string[], fix: string): Finding[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return [warning('leftovers', `${what}: ${names.slice(0, MOST_NAMED).join(', ')}${more}`, fix)];
}

async function killedRuns(): Promise<string[]> {
  const { runs } = await listRuns(runsFolder());
  return runs.filter(({ run }) => run.status === 'interrupted' && run.endedAt === undefined).map(({ run }) => run.id);
}
