import { readPoolXml } from '../../lib/domain-xml';
import { isLibvirtError, type LibvirtConnection, unlessMissing } from '../libvirt';
import { holderOfPath, type LockHolder, ownHolder, pathOfHolder } from './lock-holder';

/** A lock as libvirt keeps it. */
export interface LockDefinition {
  readonly key: string;
  readonly uuid: string;
  /** Undefined where it tells nothing that we understand. */
  readonly holder: LockHolder | undefined;
}

/** Takes the lock if nobody has it, or tells a new beat of the one that has this UUID; false where another has it. */
export async function defineLock(connection: LibvirtConnection, { key, uuid, beat }: { readonly key: string; readonly uuid: string; readonly beat: number }): Promise<boolean> {
  // libvirt also refuses two pools with one path, so every lock has its own.
  const path = `${pathOfHolder({ ...ownHolder(), beat })}/${uuid}`;
  try {
    await connection.pools.define(`<pool type='dir'><name>${PREFIX}${key}</name><uuid>${uuid}</uuid><target><path>${path}</path></target></pool>`);
    return true;
  } catch (error) {
    if (isLibvirtError(error, 'OPERATION_FAILED')) return false;
    throw error;
  }
}

export async function findLock(connection: LibvirtConnection, key: string): Promise<LockDefinition | undefined> {
  const pool = await connection.pools.find(`${PREFIX}${key}`);
  const xml = pool && (await unlessMissing(pool.xml()));
  const { uuid, path } = (xml === undefined ? undefined : readPoolXml(xml)) ?? {};
  return uuid === undefined ? undefined : { key, uuid, holder: holderOfPath(path ?? '') };
}

/** All locks of the host. */
export async function listLocks(connection: LibvirtConnection): Promise<LockDefinition[]> {
  const names = (await connection.pools.list()).map(({ name }) => name).filter((name) => name.startsWith(PREFIX));
  const locks = await Promise.all(names.map((name) => findLock(connection, name.slice(PREFIX.length))));
  return locks.filter((lock) => lock !== undefined);
}

/** Gives back or breaks the lock of this UUID, and no other. */
export async function undefineLock(connection: LibvirtConnection, uuid: string): Promise<void> {
  const pool = await connection.pools.findByUuid(uuid);
  if (pool !== undefined) await unlessMissing(pool.undefine());
}

const PREFIX = 'sandform.lock.';
