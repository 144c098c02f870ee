import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { VolumeIdentity, VolumeInfo } from './native/storage-calls';
import type { Session } from './session';
import { LONG_CALL_MS } from './threads/call-threads';
import { downloaded, uploaded } from './volume-transfer';

/** How to upload into a volume. */
export interface UploadOptions {
  /** Blocks of zeros become holes. @default false */
  readonly sparse?: boolean;
  /** Where in the volume's file to begin, in bytes. @default 0 */
  readonly offset?: number;
  /** How many bytes libvirt shall take at most. @default as many as come */
  readonly length?: number;
  /** Told the bytes that libvirt has taken so far. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** A volume, addressed by its pool and name. Holds nothing native; see {@link Domain} for the errors. */
export class StorageVolume {
  /** Name of its pool. */
  readonly pool: string;
  readonly name: string;
  /** Where it lies on the host that libvirt runs on. */
  readonly path: string;

  constructor(
    private readonly session: Session,
    private readonly identity: VolumeIdentity,
  ) {
    this.pool = identity.pool.name;
    this.name = identity.name;
    this.path = identity.path;
  }

  info(): Promise<VolumeInfo> {
    return this.session.threads.run('volumeInfo', { doing: this.#doing('asking for the size of') }, this.identity.pool.uuid, this.name);
  }

  xml(): Promise<string> {
    return this.session.threads.run('volumeXml', { doing: this.#doing('reading the description of') }, this.identity.pool.uuid, this.name);
  }

  /** Grows it to that many bytes. */
  resize(capacity: number): Promise<void> {
    return this.session.threads.run('volumeResize', { doing: this.#doing('resizing') }, this.identity.pool.uuid, this.name, capacity);
  }

  delete(): Promise<void> {
    return this.session.threads.run('volumeDelete', { doing: this.#doing('deleting'), deadline: LONG_CALL_MS }, this.identity.pool.uuid, this.name);
  }

  /**
   * Fills it from a local file or a stream of bytes; how many they were. Where it fails the volume holds a part.
   * @throws SandformError also `DISK_FULL`; the source's own error; the signal's reason
   */
  async upload(source: string | Readable, options: UploadOptions = {}): Promise<number> {
    const bytes = typeof source === 'string' ? (await open(source)).createReadStream({ highWaterMark: FILE_PIECE }) : source;
    return uploaded(this.session, this.identity, bytes, this.#doing('uploading'), options);
  }

  /** Its bytes, or a part of them, as they lie in its file. */
  download({ offset = 0, length }: { offset?: number; length?: number } = {}): Readable {
    return Readable.from(downloaded(this.session, this.identity, this.#doing('downloading'), offset, length), { objectMode: false });
  }

  #doing(verb: string): string {
    return `${verb} volume '${this.name}' of storage pool '${this.pool}'`;
  }
}

const FILE_PIECE = 1024 * 1024;
