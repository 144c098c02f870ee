import type { GuestFileStat, GuestFileType } from './files';

/** What a guest says of a file, in the numbers of POSIX; any of them may be missing or nonsense. */
export interface RawStat {
  readonly mode?: number | undefined;
  readonly size?: number | undefined;
  /** Seconds since 1970. */
  readonly mtime?: number | undefined;
}

const TYPE_BITS = 0o170000;
const TYPES: Readonly<Record<number, GuestFileType>> = { 0o100000: 'file', 0o040000: 'directory', 0o120000: 'symlink' };

export function fileStat({ mode = 0, size = 0, mtime = 0 }: RawStat): GuestFileStat {
  return { type: TYPES[mode & TYPE_BITS] ?? 'other', size: Math.max(0, size), mode: mode & 0o7777, modified: mtime * 1000 };
}
