import { readDomainXml, readVolumeXml } from '../../lib/domain-xml';
import { baseVolumeName, POOL, readyVolumeName } from '../../lib/naming';
import { type LibvirtConnection, unlessMissing } from '../libvirt';
import { HostLock } from '../locking';
import { lockKey } from './base-volumes';
import { SandformPool } from './sandform-pool';

/** Which base volumes may go. */
export interface PruneOptions {
  /**
   * Seconds since a deploy last asked for the image: one that was just brought is about to be referred to.
   * @default 30 minutes
   */
  readonly unusedFor?: number;
  /** Names of domains and volumes that are about to go, and no longer count as referring to anything. */
  readonly without?: readonly { readonly kind: string; readonly name: string }[];
}

/** A base volume that nothing refers to. */
export interface PrunedBase {
  readonly digest: string;
  /** libvirt's name of the volume. */
  readonly volume: string;
  /** Removes it and what belongs to it, unless something has come to refer to it, or asked for it, meanwhile; whether it did. */
  readonly remove: () => Promise<boolean>;
}

const UNUSED_FOR_S = 30 * 60;
const LOCK_DEADLINE_MS = 60_000;

/**
 * The base volumes, whole or half-sent, that no volume of any pool and no domain of the host refers to.
 * @throws SandformError `LIBVIRT_*`
 */
export async function prunableBases(connection: LibvirtConnection, { unusedFor = UNUSED_FOR_S, without = [] }: PruneOptions = {}): Promise<PrunedBase[]> {
  const pool = await SandformPool.find(connection);
  if (pool === undefined) return [];
  const goes = (kind: string, name: string) => without.some((thing) => thing.kind === kind && thing.name === name);
  const found = await unusedDigests(connection, pool, unusedFor, goes);
  return found.map((digest) => ({ digest, volume: baseVolumeName(digest), remove: () => removed(connection, pool, digest, unusedFor) }));
}

async function removed(connection: LibvirtConnection, pool: SandformPool, digest: string, unusedFor: number): Promise<boolean> {
  await using _lock = await HostLock.take(connection, lockKey(digest), { doing: `removing image ${digest.slice(0, 12)} of ${connection.uri}`, deadline: LOCK_DEADLINE_MS });
  if (!(await unusedDigests(connection, pool, unusedFor)).includes(digest)) return false;
  for (const volume of await pool.volumes()) if (volume.kind === 'ready' && volume.digest === digest) await pool.remove(readyVolumeName(digest, volume.at));
  await pool.remove(baseVolumeName(digest));
  return true;
}

async function unusedDigests(connection: LibvirtConnection, pool: SandformPool, unusedFor: number, goes: Goes = () => false): Promise<string[]> {
  const volumes = await pool.volumes();
  const asked = new Map<string, number>();
  for (const volume of volumes) {
    if (volume.kind === 'base') asked.set(volume.digest, asked.get(volume.digest) ?? 0);
    if (volume.kind === 'ready') asked.set(volume.digest, Math.max(volume.at, asked.get(volume.digest) ?? 0));
  }
  const since = Date.now() / 1000 - unusedFor;
  const candidates = [...asked].filter(([, at]) => at <= since).map(([digest]) => digest);
  if (candidates.length === 0) return [];
  const used = await referredFiles(connection, goes);
  const paths = new Map(volumes.flatMap((volume) => (volume.kind === 'base' ? [[volume.digest, volume.volume.path] as const] : [])));
  return candidates.filter((digest) => !used.has(paths.get(digest) ?? ''));
}

/** Whether a domain or volume is about to go. */
type Goes = (kind: string, name: string) => boolean;

/** Every file of the host that a volume is a layer over, or a domain uses. */
async function referredFiles(connection: LibvirtConnection, goes: Goes): Promise<Set<string>> {
  const domains = await Promise.all((await connection.domains.list()).filter(({ name }) => !goes('domain', name)).map((domain) => unlessMissing(domain.xml())));
  const pools = (await connection.pools.list()).filter(({ active }) => active);
  const volumes = (await Promise.all(pools.map(async ({ name }) => (await unlessMissing(connection.pools.get(name).then((pool) => pool.volumes()))) ?? []))).flat();
  const staying = volumes.filter(({ pool, name }) => pool !== POOL || !goes('volume', name));
  const layers = await Promise.all(staying.map((volume) => unlessMissing(volume.xml())));
  return new Set([
    ...domains.flatMap((xml) => (xml === undefined ? [] : filesOf(xml))),
    ...layers.flatMap((xml) => (xml === undefined ? [] : readVolumeXml(xml)?.backing ?? [])),
  ]);
}

function filesOf(domainXml: string): string[] {
  const { disks = [], bootFiles = [] } = readDomainXml(domainXml) ?? {};
  return [...disks.flatMap(({ file, beneath }) => [file ?? [], beneath].flat()), ...bootFiles];
}
