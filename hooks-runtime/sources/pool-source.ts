import { matchesGlob } from 'node:path';
import { SandformError } from '../../lib/errors';
import { type PoolSource, type PublishedBytes, type SourceVersion, describeSource } from '../../lib/images';
import { LibvirtConnection, type StorageVolume } from '../libvirt';
import type { ClientContext, FoundImage, SourceClient } from './source-client';

/** A volume of a storage pool of libvirt. A version is its name, size and when it was changed, as its host tells. */
export class PoolSourceClient implements SourceClient {
  private constructor(
    private readonly source: PoolSource,
    private readonly context: ClientContext,
    private readonly connection: LibvirtConnection,
  ) {}

  /** @throws SandformError `LIBVIRT_UNREACHABLE` */
  static async open(source: PoolSource, context: ClientContext): Promise<PoolSourceClient> {
    const uri = source.uri ?? (context.environment['LIBVIRT_DEFAULT_URI'] || 'qemu:///system');
    return new PoolSourceClient(source, context, await LibvirtConnection.open(uri, { readOnly: false, signal: context.signal }));
  }

  async resolve(): Promise<FoundImage> {
    const candidates = await Promise.all((await this.#candidates()).map(async (volume) => ({ volume, ...factsIn(await volume.xml()) })));
    const newest = candidates.toSorted((a, b) => Number(b.changed) - Number(a.changed))[0];
    if (newest === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing: this.context.doing, given: `no volume for ${describeSource(this.source)} of ${this.connection.uri}`, fix: 'list them with `virsh vol-list POOL`, after `virsh pool-refresh POOL`' });
    const { volume, changed, format } = newest;
    return { version: { volume: volume.name, changed }, ...(format === 'raw' ? { format } : {}) };
  }

  async read({ volume: name = '', changed }: SourceVersion, { offset }: { offset: number }): Promise<PublishedBytes | undefined> {
    const volume = await (await this.connection.pools.find(this.source.pool))?.findVolume(name);
    if (volume === undefined || factsIn(await volume.xml()).changed !== changed) return undefined;
    return { offset, bytes: volume.download({ offset }) as AsyncIterable<Buffer> };
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  async #candidates(): Promise<StorageVolume[]> {
    const { pool: name, volume, newest = '*' } = this.source;
    const pool = await this.connection.pools.find(name);
    if (pool === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing: this.context.doing, given: `no storage pool '${name}' of ${this.connection.uri}`, fix: 'list them with `virsh pool-list --all`' });
    if (!(await pool.info()).active) throw new SandformError('POOL_UNUSABLE', { doing: this.context.doing, given: `storage pool '${name}' is off`, fix: `start it with \`virsh pool-start ${name}\`` });
    // Others put files there behind the back of libvirt. A pool that is busy is taken as it was.
    await pool.refresh().catch((error: unknown) => {
      if (!SandformError.is(error)) throw error;
    });
    const volumes = await pool.volumes();
    return volumes.filter((candidate) => (volume === undefined ? matchesGlob(candidate.name, newest) : candidate.name === volume));
  }
}

/** Of a volume's description: when its file was changed, and its format. */
function factsIn(xml: string): { changed: string; format: string | undefined } {
  return { changed: /<mtime>([\d.]+)<\/mtime>/.exec(xml)?.[1] ?? '0', format: /<format type='([a-z0-9]+)'\/>/.exec(xml)?.[1] };
}
