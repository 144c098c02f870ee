import { SandformError } from '../../lib/errors';
import type { ImageFile } from '../../lib/images';
import { baseVolumeName, readyVolumeName } from '../../lib/naming';
import type { ImageReference } from '../../lib/spec';
import { isLibvirtError, type LibvirtConnection, type StorageVolume } from '../libvirt';
import { HostLock } from '../locking';
import { localImage } from './image-index';
import { SandformPool } from './sandform-pool';
import { verifiedSource } from './verified-source';

/** How to bring an image to the host. */
export interface EnsureOptions {
  readonly signal?: AbortSignal;
  /** Told what is being waited for or done, a line for people now and then. */
  readonly onProgress?: (line: string) => void;
  /** @default that of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

const LOCK_DEADLINE_MS = 60 * 60_000;
/** The note when an image was last asked for is not renewed more often. */
const RENEW_AFTER_S = 60;
/** Smaller images are there before anybody asks. */
const WORTH_TELLING = 32 * 2 ** 20;

/**
 * The shared, read-only volumes that hold images, one for each digest.
 *
 * libvirt can neither rename a volume nor tell whether it is complete. So a base volume counts only together with an empty
 * volume `ready.DIGEST.TIME`, which is made when every byte has been sent and its hash was right. Whoever finds a base
 * volume without it sends it again: that is what a killed upload leaves. A lock sees to it that one process does so at a time.
 */
export class BaseVolumes {
  private constructor(
    private readonly connection: LibvirtConnection,
    private readonly pool: SandformPool,
  ) {}

  /** @throws SandformError `POOL_UNUSABLE`, `LIBVIRT_*` */
  static async open(connection: LibvirtConnection): Promise<BaseVolumes> {
    return new BaseVolumes(connection, await SandformPool.ensure(connection));
  }

  /**
   * Sees to it that the pool holds the image, complete and verified; its volume's name is baseVolumeName(digest).
   * @throws SandformError `IMAGE_MISSING`, `IMAGE_VANISHED` and others of its source, `IMAGE_CHANGED`, `DISK_FULL`, `HOST_BUSY`, `INTERRUPTED`, `LIBVIRT_*`
   */
  async ensure(image: ImageReference, { signal, onProgress = () => undefined, environment }: EnsureOptions = {}): Promise<void> {
    const short = image.digest.slice(0, 12);
    await using lock = await HostLock.take(this.connection, lockKey(image.digest), {
      doing: `bringing image ${short} to ${this.connection.uri}`,
      deadline: LOCK_DEADLINE_MS,
      signal,
      onWait: () => onProgress(`image ${short}: waiting for another process that works on it`),
    });
    const found = await this.#find(image.digest);
    if (found.base && found.ready.length > 0) {
      await this.#renew(image.digest, found.ready);
      return;
    }
    const entry = await localImage(image.digest, { environment, signal, onProgress });
    await this.#remove(image.digest);
    try {
      await this.#upload(image, entry, { signal, onProgress, lock });
    } catch (error) {
      // What the store has damaged is fetched anew by the next deploy.
      if (SandformError.is(error) && error.code === 'IMAGE_CHANGED') (await import('../store')).ImageStore.open(environment).discard(entry);
      throw error;
    }
    await lock.assertHeld(`bringing image ${short} to ${this.connection.uri}`);
    await this.pool.mark(readyVolumeName(image.digest, now()));
  }

  /** Removes what there is of an image: first what says that it is complete. */
  async #remove(digest: string): Promise<void> {
    const { ready } = await this.#find(digest);
    for (const at of ready) await this.pool.remove(readyVolumeName(digest, at));
    await this.pool.remove(baseVolumeName(digest));
  }

  async #find(digest: string): Promise<{ base: boolean; ready: number[] }> {
    const volumes = await this.pool.volumes();
    const base = volumes.find((volume) => volume.kind === 'base' && volume.digest === digest);
    return {
      base: base !== undefined && (await hasFile(base.volume)),
      ready: volumes.flatMap((volume) => (volume.kind === 'ready' && volume.digest === digest ? [volume.at] : [])),
    };
  }

  /** Notes that the image was asked for, so that it is not pruned before somebody refers to it. */
  async #renew(digest: string, ready: readonly number[]): Promise<void> {
    const newest = Math.max(...ready);
    const renewed = now();
    if (renewed - newest < RENEW_AFTER_S && ready.length === 1) return;
    await this.pool.mark(readyVolumeName(digest, renewed));
    for (const at of ready) if (at !== renewed) await this.pool.remove(readyVolumeName(digest, at));
  }

  async #upload(image: ImageReference, entry: ImageFile, { signal, onProgress, lock }: { signal: AbortSignal | undefined; onProgress: (line: string) => void; lock: HostLock }): Promise<void> {
    const name = baseVolumeName(image.digest);
    const short = image.digest.slice(0, 12);
    const doing = `sending image ${short} to ${this.connection.uri}`;
    const source = await verifiedSource(entry);
    try {
      const volume = await this.pool.createVolume(volumeXml(name, image, entry.size));
      let told = 0;
      const step = Math.max(entry.size / 10, WORTH_TELLING);
      await volume.upload(source, {
        sparse: image.format === 'raw',
        ...(signal === undefined ? {} : { signal }),
        onProgress: (bytes) => {
          if (bytes - told < step) return;
          told = bytes;
          onProgress(`image ${short}: sent ${Math.floor((bytes / entry.size) * 100)} % of ${Math.ceil(entry.size / 2 ** 20)} MiB`);
        },
      });
    } catch (error) {
      source.destroy();
      await this.#removeAfter(error, image.digest, lock);
      if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: error });
      throw full(error, doing);
    }
  }

  /**
   * Removes the half-sent volume, unless it is somebody else's by now. Where that fails too, the first failure is the one to
   * tell; the next ensure removes it.
   */
  async #removeAfter(first: unknown, digest: string, lock: HostLock): Promise<void> {
    try {
      if (await lock.isHeld()) await this.#remove(digest);
    } catch (second) {
      if (!SandformError.is(second)) throw new AggregateError([first, second], undefined, { cause: second });
    }
  }
}

/** The key of the lock under which everything happens to one image. */
export function lockKey(digest: string): string {
  return `base.${digest.slice(0, 16)}`;
}

function volumeXml(name: string, { format, virtualSize }: ImageReference, size: number): string {
  // Readable for the user that QEMU runs as, writable for nobody but the daemon.
  const permissions = '<permissions><mode>0644</mode></permissions>';
  const capacity = format === 'raw' ? size : virtualSize;
  return `<volume><name>${name}</name><capacity unit='bytes'>${capacity}</capacity><allocation unit='bytes'>0</allocation><target><format type='${format}'/>${permissions}</target></volume>`;
}

/** libvirt goes on listing a volume whose file somebody has removed. */
async function hasFile(volume: StorageVolume): Promise<boolean> {
  try {
    await volume.info();
    return true;
  } catch (error) {
    if (isLibvirtError(error) && error.code !== 'LIBVIRT_LOST') return false;
    throw error;
  }
}

function full(error: unknown, doing: string): unknown {
  const isFull = isLibvirtError(error) && /No space left|not enough|Not enough/i.test(error.given ?? '');
  return isFull ? new SandformError('DISK_FULL', { doing, given: error.given ?? '', cause: error }) : error;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
