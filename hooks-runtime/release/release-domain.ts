import { readDomainXml, readVolumeXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { type OwnVolume, SandformPool } from '../images';
import type { Domain, LibvirtConnection } from '../libvirt';

/**
 * Brings a domain, whatever state it is in, into one from which every provider can destroy it: off, without managed save and
 * snapshots, without the layers that snapshots put over its disks. One that is gone is fine.
 *
 * Goes when the providers do this themselves: 0.9.7 leaves a paused domain alive and refuses one with a managed save.
 * @throws SandformError `LIBVIRT_*`
 */
export async function releaseDomain(connection: LibvirtConnection, domain: Domain): Promise<void> {
  try {
    const disks = (readDomainXml(await domain.xml())?.disks ?? []).flatMap(({ file }) => file ?? []);
    await staysDefined(connection, domain);
    if ((await domain.info()).active) await domain.destroy();
    if (await domain.hasManagedSave()) await domain.managedSaveRemove();
    for (const snapshot of await domain.snapshots()) await domain.snapshotDelete(snapshot, { metadataOnly: true });
    await removeLayers(connection, domain.name, disks);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Without a definition it would vanish with its power, and the provider fails where it does not find what it is to destroy. */
async function staysDefined(connection: LibvirtConnection, domain: Domain): Promise<void> {
  if ((await domain.info()).persistent) return;
  await connection.domains.define(await domain.xml({ inactive: true }));
}

/** Removes files of the pool that are layers over this domain's own disks: external snapshots made them, and no one else knows them. */
async function removeLayers(connection: LibvirtConnection, domain: string, disks: readonly string[]): Promise<void> {
  const pool = await SandformPool.find(connection);
  if (pool === undefined) return;
  const folder = `${await pool.path()}/`;
  const known = new Set((await pool.volumes()).filter(({ kind }) => kind !== 'foreign').map(({ volume }) => volume.path));
  const strange = disks.filter((disk) => disk.startsWith(folder) && !known.has(disk));
  if (strange.length === 0) return;
  await pool.refresh();
  const volumes = new Map((await pool.volumes()).map((own) => [own.volume.path, own]));
  for (const disk of strange) for (const layer of await layersOver(domain, disk, volumes)) await pool.remove(layer);
}

/** The names of the layers from a disk down to the domain's own volume; none where they do not lead to it. */
async function layersOver(domain: string, disk: string, volumes: ReadonlyMap<string, OwnVolume>): Promise<string[]> {
  const layers: string[] = [];
  for (let own = volumes.get(disk); own !== undefined && layers.length < volumes.size; ) {
    if (own.kind === 'disk') return own.domain === domain ? layers : [];
    if (own.kind !== 'foreign') return [];
    layers.push(own.volume.name);
    own = volumes.get(readVolumeXml(await own.volume.xml())?.backing ?? '');
  }
  return [];
}

function isGone(error: unknown): boolean {
  return SandformError.is(error) && error.code === 'LIBVIRT_NOT_FOUND';
}
