import { posix } from 'node:path';
import { type FileTask, type GuestFileEntry, type GuestFileStat, type GuestFileSystem, fileError } from '../../hooks-runtime/guest';

/** A file or folder in memory. */
interface FakeEntry {
  readonly type: 'file' | 'directory' | 'symlink';
  readonly content: Buffer;
  readonly mode: number;
  readonly modified: number;
}

/** The files of a guest that is not there. Paths that are not absolute lie in `/root`. */
export class FakeFileSystem {
  private readonly entries = new Map<string, FakeEntry>(['/', '/root', '/tmp'].map((path) => [path, folder()]));

  /** What {@link TreeFiles} asks for one operation. */
  open({ doing }: FileTask): GuestFileSystem {
    return {
      stat: async (path) => statOf(this.at(path, doing)),
      list: async (path) => this.children(this.existing(path, doing)).map(([name, entry]): GuestFileEntry => ({ name: posix.basename(name), ...statOf(entry) })),
      read: (path) => this.read(path, doing),
      write: async (path, source, mode) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of source) pieces.push(piece);
        this.put(path, { type: 'file', content: Buffer.concat(pieces), mode, modified: Date.now() }, doing);
      },
      mkdir: async (path) => {
        const absolute = absolutePath(path);
        for (const each of [...parentsOf(absolute), absolute]) {
          const entry = this.entries.get(each);
          if (entry !== undefined && entry.type !== 'directory') throw fileError(doing, 'exists', `${each} is no folder`);
          if (entry === undefined) this.entries.set(each, folder());
        }
      },
      symlink: async (target, path) => this.put(path, { type: 'symlink', content: Buffer.from(target), mode: 0o777, modified: Date.now() }, doing),
      remove: async (path, recursive) => {
        const absolute = absolutePath(path);
        if (!this.entries.has(absolute)) return;
        const below = this.children(absolute);
        if (below.length > 0 && !recursive) throw fileError(doing, 'failed', `${absolute} is not empty`);
        for (const name of [...this.entries.keys()]) if (name === absolute || name.startsWith(`${absolute}/`)) this.entries.delete(name);
      },
    };
  }

  private async *read(path: string, doing: string): AsyncGenerator<Buffer> {
    const { type, content } = this.at(path, doing);
    if (type === 'directory') throw fileError(doing, 'failed', `${path} is a folder`);
    yield content;
  }

  private put(path: string, entry: FakeEntry, doing: string): void {
    const absolute = absolutePath(path);
    if (this.entries.get(posix.dirname(absolute))?.type !== 'directory') throw fileError(doing, 'missing', posix.dirname(absolute));
    if (this.entries.get(absolute)?.type === 'directory') throw fileError(doing, 'failed', `${absolute} is a folder`);
    this.entries.set(absolute, entry);
  }

  private at(path: string, doing: string): FakeEntry {
    return this.entries.get(this.existing(path, doing)) ?? folder();
  }

  /** The absolute path, with links followed. */
  private existing(path: string, doing: string, hops = 0): string {
    const absolute = absolutePath(path);
    const entry = this.entries.get(absolute);
    if (entry === undefined || hops > 8) throw fileError(doing, 'missing', path);
    return entry.type === 'symlink' ? this.existing(posix.resolve(posix.dirname(absolute), entry.content.toString()), doing, hops + 1) : absolute;
  }

  private children(path: string): (readonly [string, FakeEntry])[] {
    return [...this.entries].filter(([name]) => name !== '/' && posix.dirname(name) === path).sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

function folder(): FakeEntry {
  return { type: 'directory', content: Buffer.alloc(0), mode: 0o755, modified: Date.now() };
}

function absolutePath(path: string): string {
  return posix.resolve('/root', path);
}

function parentsOf(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === path ? [] : [...parentsOf(parent), parent];
}

function statOf({ type, content, mode, modified }: FakeEntry): GuestFileStat {
  return { type, size: content.length, mode, modified };
}
