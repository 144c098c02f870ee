import type { SourceVersion } from './image-lock';
import type { DiskFormat } from './disk-format';

/** One version of an image at its place. */
export interface PublishedImage {
  /** What names this very version there, e.g. `{ etag: '"5f"' }`; goes into the lock, so no secret. */
  readonly version: SourceVersion;
  /** Bytes, where the place tells. */
  readonly size?: number;
  /** SHA-256 of the bytes, where the place tells. */
  readonly digest?: string;
  /** Format of the disk, where the place tells. */
  readonly format?: DiskFormat;
}

/** Where to read an image from, and until when. */
export interface ReadOptions {
  /** First byte that is wanted: what an earlier attempt left off at. */
  readonly offset: number;
  readonly signal: AbortSignal;
}

/** The bytes of an image from some place on. */
export interface PublishedBytes {
  /** Place of the first byte; 0 where this place can't go on in the middle. */
  readonly offset: number;
  /** Whether the place says that these are of another version than was asked for. @default false */
  readonly isOther?: boolean;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a source of one's own gets. */
export interface SourceContext {
  /** Folder of the project. */
  readonly project: string;
  readonly signal: AbortSignal;
}

/**
 * Where images come from, as a class of one's own. Its instances are made at synth, and made again from their configuration wherever
 * the image is fetched. The store looks after the rest: hashing, resuming, locking, unpacking and converting.
 *
 * A coded error is told as it is; anything else that is thrown counts as the place not being reachable, and is tried again.
 */
export abstract class CustomImageSource<Config extends object = object> {
  /** The `__filename` of the module that exports the class. */
  static readonly source: string;

  constructor(readonly config: Config) {}

  /** The newest version that fits. Reads no more than it must. */
  abstract resolve(context: SourceContext): Promise<PublishedImage>;

  /** The bytes of one version. @returns undefined where the place no longer has it */
  abstract read(version: SourceVersion, options: ReadOptions): Promise<PublishedBytes | undefined>;
}
