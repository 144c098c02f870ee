import { createWriteStream } from 'node:fs';
import { chmod, lchown, link, lstat, lutimes, mkdir, readdir, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SandformError } from '../../lib/errors';
import { CONTAINER_USERS } from '../../lib/spec';
import type { RootEntry } from './root-entry';

/** What a root filesystem may hold at most. */
export interface RootLimits {
  /** Bytes of all files together. */
  readonly bytes: number;
  readonly entries: number;
}

/** More than any root filesystem in use holds, and less than fills a host unnoticed. */
export const ROOT_LIMITS: RootLimits = { bytes: 16 * 2 ** 30, entries: 2_000_000 };

export interface RootWriterOptions {
  /** For messages. */
  readonly doing: string;
  /** Whether owners are those of a user namespace, see CONTAINER_USERS. */
  readonly shifted: boolean;
  readonly limits?: RootLimits;
  readonly signal?: AbortSignal | undefined;
}

const DEEPEST = 256;
const LONGEST_TARGET = 4095;

/**
 * Writes entries of hostile archives into a folder that nobody else can enter. What stands in the folder was made by this writer alone, and
 * no path is ever followed through a link, so nothing can be written elsewhere. Owners and permissions are kept.
 *
 * Device nodes are left out below /dev, where a container gets its own, and pipes everywhere; a device node elsewhere is refused.
 */
export class RootWriter {
  private bytes = 0;
  private entries = 0;

  constructor(
    private readonly folder: string,
    private readonly options: RootWriterOptions,
  ) {}

  /** @throws SandformError `ROOT_UNSAFE`, `ROOT_TOO_BIG` */
  async write(entry: RootEntry): Promise<void> {
    this.options.signal?.throwIfAborted();
    this.count(entry);
    const names = this.namesOf(entry.path);
    if (entry.type === 'pipe' || (entry.type === 'device' && names[0] === 'dev')) return;
    if (entry.type === 'device') throw this.unsafe(entry, 'a device node outside of /dev');
    const path = join(this.folder, ...names);
    if (names.length === 0) return this.root(entry, path);
    await this.enter(entry, names.slice(0, -1));
    if (entry.type === 'directory') await this.directory(path);
    else await rm(path, { recursive: true, force: true });
    if (entry.type === 'file') await this.file(entry, path);
    if (entry.type === 'symlink') await this.symlink(entry, path);
    if (entry.type === 'link') return this.link(entry, path);
    await this.finish(entry, path);
  }

  /** Removes what an earlier layer wrote: a path, or what lies in a folder. */
  async remove(path: string, { contentOnly = false }: { readonly contentOnly?: boolean } = {}): Promise<void> {
    const names = this.namesOf(path);
    if (names.length > 0 && !(await this.leads(names.slice(0, -1)))) return;
    const target = join(this.folder, ...names);
    if (!contentOnly) return names.length === 0 ? undefined : rm(target, { recursive: true, force: true });
    const found = await lstat(target).catch(() => undefined);
    if (found?.isDirectory()) for (const name of await readdir(target)) await rm(join(target, name), { recursive: true, force: true });
  }

  private count({ path, size, type }: RootEntry): void {
    this.entries += 1;
    const { limits = ROOT_LIMITS } = this.options;
    if (this.entries > limits.entries) throw this.tooBig(`more than ${limits.entries} entries`);
    if (type === 'file' && this.bytes + size > limits.bytes) throw this.tooBig(`${path}, with which it is more than ${limits.bytes} bytes`);
  }

  /** The names on the way, of which none leads elsewhere. */
  private namesOf(path: string): string[] {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    if (names.includes('..') || path.includes('\0')) throw this.unsafe({ path }, 'a path that leads out of the root');
    if (names.length > DEEPEST) throw this.tooBig(`folders ${names.length} deep`);
    if (names.some((name) => Buffer.byteLength(name) > 255)) throw this.unsafe({ path }, 'a name that no file system takes');
    return names;
  }

  /** Makes the folders above that an archive left out. */
  private async enter(entry: Pick<RootEntry, 'path'>, names: readonly string[]): Promise<void> {
    let path = this.folder;
    for (const name of names) {
      path = join(path, name);
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined) {
        await mkdir(path, { mode: 0o755 });
        await lchown(path, this.owner(entry, 0), this.owner(entry, 0));
      } else if (!found.isDirectory()) throw this.unsafe(entry, 'a path through a link or file');
    }
  }

  private async leads(names: readonly string[]): Promise<boolean> {
    let path = this.folder;
    for (const name of names) {
      path = join(path, name);
      if (!(await lstat(path).catch(() => undefined))?.isDirectory()) return false;
    }
    return true;
  }

  private async root(entry: RootEntry, path: string): Promise<void> {
    if (entry.type === 'directory') await this.finish(entry, path);
  }

  private async directory(path: string): Promise<void> {
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory()) return;
    if (found) await rm(path);
    await mkdir(path);
  }

  private async file(entry: RootEntry, path: string): Promise<void> {
    const { limits = ROOT_LIMITS, signal } = this.options;
    const counter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.bytes += chunk.length;
        done(this.bytes > limits.bytes ? this.tooBig(`more than ${limits.bytes} bytes`) : null, chunk);
      },
    });
    const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    if (entry.content === undefined) target.end();
    else await pipeline(entry.content, counter, target, signal === undefined ? {} : { signal });
  }

  /** A link is data: who follows it does so inside the container. */
  private async symlink(entry: RootEntry, path: string): Promise<void> {
    const target = entry.target ?? '';
    if (target === '' || target.includes('\0') || Buffer.byteLength(target) > LONGEST_TARGET) throw this.unsafe(entry, 'a link to nowhere');
    await symlink(target, path);
  }

  private async link(entry: RootEntry, path: string): Promise<void> {
    const names = this.namesOf(entry.target ?? '');
    const target = join(this.folder, ...names);
    const found = (await this.leads(names.slice(0, -1))) ? await lstat(target).catch(() => undefined) : undefined;
    if (names.length === 0 || found === undefined || found.isDirectory()) throw this.unsafe(entry, `a hard link to ${entry.target ?? 'nothing'}, which is no file of it`);
    await link(target, path);
  }

  private async finish(entry: RootEntry, path: string): Promise<void> {
    await lchown(path, this.owner(entry, entry.uid), this.owner(entry, entry.gid));
    const seconds = Math.max(0, entry.modified / 1000);
    if (entry.type === 'symlink') return lutimes(path, seconds, seconds);
    // After the owner, whose change takes the set-user-ID bit away.
    await chmod(path, entry.mode & 0o7777);
    await utimes(path, seconds, seconds);
  }

  private owner(entry: Pick<RootEntry, 'path'>, id: number): number {
    if (!this.options.shifted) return id;
    if (Number.isInteger(id) && id >= 0 && id < CONTAINER_USERS.count) return CONTAINER_USERS.first + id;
    throw this.unsafe(entry, `owner ${id}, which a user namespace of ${CONTAINER_USERS.count} users does not have`);
  }

  private unsafe({ path }: Pick<RootEntry, 'path'>, what: string): SandformError {
    return new SandformError('ROOT_UNSAFE', { doing: this.options.doing, given: `${path}: ${what}` });
  }

  private tooBig(given: string): SandformError {
    return new SandformError('ROOT_TOO_BIG', { doing: this.options.doing, given });
  }
}
