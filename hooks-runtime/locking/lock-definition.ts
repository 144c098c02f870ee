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

/** Gives back or breaks the lock of this UUID, and no other. Fine where it is gone already. */
export async function undefineLock(connection: LibvirtConnection, { key, uuid }: { readonly key: string; readonly uuid: string }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const pool = await connection.pools.findByUuid(uuid);
    if (pool === undefined) return;
    try {
      await unlessMissing(pool.undefine());
      return;
    } catch (error) {
      // Where two undefine one pool at the same moment, libvirt removes the file of its definition twice: the second time fails,
      // or takes the file of the next pool with this name. A pool without its file is undefined once it has one again.
      if (!isLibvirtError(error, 'INTERNAL_ERROR') || attempt === MOST_ATTEMPTS) throw error;
      if ((await connection.pools.findByUuid(uuid)) !== undefined) await defineLock(connection, { key, uuid, beat: 0 });
    }
  }
}

const MOST_ATTEMPTS = 5;
const PREFIX = 'sandform.lock.';
