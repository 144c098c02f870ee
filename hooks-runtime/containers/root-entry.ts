import type { Readable } from 'node:stream';

/** One thing of a root filesystem, as a tarball, a layer or a folder has it: nothing of it is trusted. */
export interface RootEntry {
  /** Relative to the root, however it is written. */
  readonly path: string;
  readonly type: 'directory' | 'file' | 'symlink' | 'link' | 'device' | 'pipe';
  /** Permission bits, set-user-ID among them. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Of a file: what it says to hold, bytes. */
  readonly size: number;
  /** Of links. */
  readonly target?: string | undefined;
  /** Of a file. Must be read to its end before the next entry is asked for. */
  readonly content?: Readable | undefined;
}
