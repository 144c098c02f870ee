import { randomUUID } from 'node:crypto';
import { SandformError } from '../../lib/errors';
import { readPoolXml } from '../../lib/domain-xml';
import { POOL, type PoolVolume, poolVolumeOf } from '../../lib/naming';
import { isLibvirtError, type LibvirtConnection, type StoragePool, type StorageVolume } from '../libvirt';
import { poolPath } from './pool-path';

/** Types of pools whose volumes are files, as overlays need them. */
const FILE_POOLS: readonly string[] = ['dir', 'fs', 'netfs'];

/** The storage pool of Sandform on one host: base images, and the volumes of sandboxes. */
export class SandformPool {
  private constructor(private readonly pool: StoragePool) {}

  /**
   * The pool, ready for use. One that runs is used as it is; one that is off is started; where there is none, a persistent
   * one is made in {@link poolPath}. Safe for many processes at once.
   * @throws SandformError `POOL_UNUSABLE`, `LIBVIRT_*`
   */
  static async ensure(connection: LibvirtConnection): Promise<SandformPool> {
    const doing = `preparing storage pool '${POOL}' of ${connection.uri}`;
    try {
      const pool = (await connection.pools.find(POOL)) ?? (await made(connection));
      if (!(await pool.info()).active) await started(pool);
      const type = readPoolXml(await pool.xml())?.type ?? 'unknown';
      if (FILE_POOLS.includes(type)) return new SandformPool(pool);
      throw new SandformError('POOL_UNUSABLE', { doing, given: `a pool of type '${type}'`, expected: `one of type ${FILE_POOLS.join(', ')}`, fix: `remove or rename the pool '${POOL}'` });
    } catch (error) {
      if (!isLibvirtError(error) || error.code === 'LIBVIRT_LOST') throw error;
      throw new SandformError('POOL_UNUSABLE', { doing, given: error.given ?? error.message, cause: error, details: error.details });
    }
  }

  /** The pool if it is there and runs. */
  static async find(connection: LibvirtConnection): Promise<SandformPool | undefined> {
    const pool = await connection.pools.find(POOL);
    return pool !== undefined && (await pool.info()).active ? new SandformPool(pool) : undefined;
  }

  /** The folder of its volumes, on the host that libvirt runs on. */
  async path(): Promise<string> {
    return readPoolXml(await this.pool.xml())?.path ?? '';
  }

  /** All volumes, each with what it is by its name. */
  async volumes(): Promise<readonly OwnVolume[]> {
    return (await this.pool.volumes()).map((volume) => ({ volume, ...poolVolumeOf(volume.name) }));
  }

  /** Looks again at what is in the folder, for files that something else than libvirt made. */
  async refresh(): Promise<void> {
    await this.pool.refresh().catch(ignoreBusy);
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  volume(name: string): Promise<StorageVolume> {
    return this.pool.volume(name);
  }

  findVolume(name: string): Promise<StorageVolume | undefined> {
    return this.pool.findVolume(name);
  }

  createVolume(xml: string): Promise<StorageVolume> {
    return this.pool.createVolume(xml);
  }

  /** Makes a volume that holds what another of the pool does. */
  copyVolume(xml: string, from: StorageVolume): Promise<StorageVolume> {
    return this.pool.copyVolume(xml, from);
  }

  /** Makes a volume without content, whose name is what it says. Fine where it is there already. @param size bytes that it claims to have @returns whether it was made */
  async mark(name: string, { size = 0 }: { readonly size?: number } = {}): Promise<boolean> {
    try {
      await this.pool.createVolume(`<volume><name>${name}</name><capacity>${size}</capacity><target><format type='raw'/></target></volume>`);
      return true;
    } catch (error) {
      if (!isLibvirtError(error, 'STORAGE_VOL_EXIST')) throw error;
      return false;
    }
  }

  /** Removes a volume; fine where it is gone already. */
  async remove(name: string): Promise<void> {
    const volume = await this.pool.findVolume(name);
    try {
      await volume?.delete();
    } catch (error) {
      if (!isLibvirtError(error, 'NO_STORAGE_VOL')) throw error;
    }
  }
}

/** A volume of the pool. */
export type OwnVolume = PoolVolume & { readonly volume: StorageVolume };

async function made(connection: LibvirtConnection): Promise<StoragePool> {
  // Guests of different sandboxes lie here: their QEMU processes may open what they are given, but not list the folder.
  const permissions = '<permissions><mode>0711</mode></permissions>';
  const xml = `<pool type='dir'><name>${POOL}</name><uuid>${randomUUID()}</uuid><target><path>${escaped(poolPath(connection.uri))}</path>${permissions}</target></pool>`;
  try {
    const pool = await connection.pools.define(xml);
    await pool.setAutostart(true);
    return pool;
  } catch (error) {
    // Another process was faster: its pool is as good.
    const theirs = isLibvirtError(error, 'OPERATION_FAILED') ? await connection.pools.find(POOL) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  }
}

/** Builds and starts it. Whoever else does the same at this moment makes calls fail that have become needless. */
async function started(pool: StoragePool): Promise<void> {
  let failure: unknown;
  try {
    await pool.build();
  } catch (error) {
    failure = error;
  }
  try {
    await pool.create();
  } catch (error) {
    if (!(await pool.info()).active) throw failure ?? error;
  }
}

/** A refresh is refused while a volume is being made or another refresh runs; what was known before is good enough. */
function ignoreBusy(error: unknown): void {
  if (!isLibvirtError(error)) throw error;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
