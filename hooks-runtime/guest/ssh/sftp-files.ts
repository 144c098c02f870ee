import type { Commands } from '../commands';
import { fileError } from '../file-error';
import { fileStat } from '../file-stat';
import type { GuestFileEntry, GuestFileStat } from '../files';
import { makeFolder, removePath } from '../shell-files';
import type { FileTask, GuestFileSystem } from '../tree-files';
import type { SftpSession } from './sftp-session';

const MOST_ENTRIES = 100_000;

/** Kinds of files whose opening would wait for somebody at the other end, and everything else with it: FIFO, socket. */
const BLOCKING: ReadonlySet<number> = new Set([0o010000, 0o140000]);

/** A guest's files over SFTP. */
export class SftpFiles implements GuestFileSystem {
  constructor(
    private readonly session: SftpSession,
    private readonly commands: Commands,
    private readonly task: FileTask,
  ) {}

  async stat(path: string): Promise<GuestFileStat> {
    return fileStat(await this.session.stat(this.task, path));
  }

  async list(path: string): Promise<GuestFileEntry[]> {
    const { session, task } = this;
    const folder = await session.openFolder(task, path);
    try {
      const entries: GuestFileEntry[] = [];
      for (let more = await session.nextEntries(task, folder); more; more = await session.nextEntries(task, folder)) {
        entries.push(...more.map(({ filename, attrs }) => ({ name: filename, ...fileStat(attrs) })));
        if (entries.length > MOST_ENTRIES) throw fileError(task.doing, 'too-big', `more than ${MOST_ENTRIES} entries`);
      }
      return entries;
    } finally {
      await this.letGo(folder);
    }
  }

  async *read(path: string): AsyncGenerator<Buffer> {
    const { session, task } = this;
    const { mode } = await session.stat(task, path);
    if (BLOCKING.has(mode & 0o170000)) throw fileError(task.doing, 'not-supported', 'a pipe or socket');
    const file = await session.open(task, path, 'r');
    try {
      yield* session.read(task, file);
    } finally {
      await this.letGo(file);
    }
  }

  async write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void> {
    const { session, task } = this;
    const file = await session.open(task, path, 'w', mode);
    try {
      await session.write(task, file, source);
    } catch (error) {
      await this.letGo(file);
      throw error;
    }
    // A full disk may show only here
    await session.close(task, file);
  }

  async mkdir(path: string): Promise<void> {
    await makeFolder(this.commands, this.task, path);
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.session.symlink(this.task, target, path);
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    await removePath(this.commands, this.task, path, recursive);
  }

  /** Closes a handle of which nothing more is wanted: whether the guest minds is of no interest. */
  private async letGo(handle: Buffer): Promise<void> {
    await this.session.close(this.task, handle).catch(() => undefined);
  }
}
