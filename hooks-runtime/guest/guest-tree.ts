import type { GuestFileEntry, GuestFileStat } from './files';

/** What copying files needs of a guest, within one operation: its deadlines are those of the operation. */
export interface GuestTree {
  stat(path: string): Promise<GuestFileStat>;
  /** At most 100,000 entries. */
  list(path: string): Promise<GuestFileEntry[]>;
  /** The content of a file, however much the guest gives. */
  read(path: string): AsyncIterable<Buffer>;
  write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void>;
  mkdir(path: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
}
