import type { Readable } from 'node:stream';
import type { DurationText, SizeText } from '../../lib/units';

/** What every access to a guest's files takes. */
export interface FileOptions {
  /** Without any progress for so long, it is given up. @default '1m' */
  readonly idleTimeout?: DurationText;
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends FileOptions {
  /** More than this is refused: the guest says how much there is, and it may lie. @default '64MiB' */
  readonly maxSize?: SizeText;
}

export interface WriteOptions extends FileOptions {
  /** Permissions of a new file. @default 0o644 */
  readonly mode?: number;
}

export interface DownloadOptions extends FileOptions {
  /** Of all files together; more is refused. @default '1GiB' */
  readonly maxSize?: SizeText;
}

/** What a download took, and what it left out. */
export interface DownloadSummary {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  /** Paths in the guest of links, devices and what has no usable name; at most 1000 of them. Data: print it through `printable`. */
  readonly skipped: readonly string[];
}

export type GuestFileType = 'file' | 'directory' | 'symlink' | 'other';

/** What the guest says of a file. */
export interface GuestFileStat {
  readonly type: GuestFileType;
  /** Bytes. */
  readonly size: number;
  /** Permission bits, e.g. 0o755. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** One entry of a folder in the guest. */
export interface GuestFileEntry extends GuestFileStat {
  /** As the guest gives it, without a slash: data, to be printed through `printable`. */
  readonly name: string;
}

/**
 * Files inside a guest. Paths in the guest are absolute, or relative to the home of its user. What a guest names is never
 * taken for a path of the host.
 *
 * Every method throws SandformError `GUEST_FILE` (with `details.reason`: `missing`, `denied`, `too-big`, `exists`,
 * `not-supported` or `failed`), `GUEST_UNREACHABLE`, `COMMAND_LOST`, `SANDBOX_GONE`, `SANDBOX_OFF`, `GUEST_NO_CHANNEL`
 * or `INTERRUPTED`.
 */
export interface Files {
  read(path: string, options?: ReadOptions): Promise<Buffer>;
  /** Makes or replaces a file. */
  write(path: string, data: string | Uint8Array | Readable, options?: WriteOptions): Promise<void>;
  /** Copies a file or a folder of the host to exactly this path in the guest. Symbolic links inside a folder stay links. */
  upload(localPath: string, guestPath: string, options?: FileOptions): Promise<void>;
  /**
   * Copies a file or a folder of the guest to exactly this path on the host, whole or not at all. A file that is there is
   * replaced, a folder that is there is refused. Of a folder only files and folders are taken: links, devices and entries whose
   * names could leave the target are left out. No permissions are taken over.
   */
  download(guestPath: string, localPath: string, options?: DownloadOptions): Promise<DownloadSummary>;
  /** Sorted by name; at most 100,000 entries. */
  list(path: string, options?: FileOptions): Promise<GuestFileEntry[]>;
  /** Follows symbolic links. */
  stat(path: string, options?: FileOptions): Promise<GuestFileStat>;
  /** Does nothing where nothing is. Symbolic links are removed, never followed. */
  remove(path: string, options?: FileOptions & { /** @default false */ readonly recursive?: boolean }): Promise<void>;
  /** Makes a folder and those above it; one that is there is fine. */
  mkdir(path: string, options?: FileOptions): Promise<void>;
}
