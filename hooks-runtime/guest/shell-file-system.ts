import type { Commands } from './commands';
import { type FileFailure, fileError } from './file-error';
import { fileStat } from './file-stat';
import type { GuestFileEntry, GuestFileStat } from './files';
import { makeFolder, removePath } from './shell-files';
import type { FileTask, GuestFileSystem } from './tree-files';

const MOST_ENTRIES = 100_000;
/** One line of numbers and one name, ended by a zero byte, for each entry of a folder. */
const LIST = 'cd -- "$1" || exit 1; for name in * .*; do case $name in .|..) continue ;; esac; numbers=$(stat -c "%f %s %Y" -- "$name" 2>/dev/null) && printf "%s\\n%s\\0" "$numbers" "$name"; done; exit 0';

/** A guest's files through its shell, but for their contents, for which channels have ways of their own. */
export abstract class ShellFileSystem implements GuestFileSystem {
  constructor(
    protected readonly commands: Commands,
    protected readonly task: FileTask,
  ) {}

  abstract read(path: string): AsyncGenerator<Buffer>;
  abstract write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void>;

  async stat(path: string): Promise<GuestFileStat> {
    return fileStat(rawStat((await this.ask('stat -L -c "%f %s %Y" -- "$1"', path)).trim()));
  }

  async list(path: string): Promise<GuestFileEntry[]> {
    const records = (await this.ask(LIST, path)).split('\0').slice(0, -1);
    if (records.length > MOST_ENTRIES) throw fileError(this.task.doing, 'too-big', `more than ${MOST_ENTRIES} entries`);
    return records.map((record) => {
      const end = record.indexOf('\n');
      return { name: record.slice(end + 1), ...fileStat(rawStat(record.slice(0, end))) };
    });
  }

  async mkdir(path: string): Promise<void> {
    await makeFolder(this.commands, this.task, path);
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.ask('ln -s -- "$2" "$1"', path, target);
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    await removePath(this.commands, this.task, path, recursive);
  }

  /** What a script printed, which gets the path as its first word. */
  protected async ask(script: string, path: string, ...more: string[]): Promise<string> {
    const { doing, idleTimeout, signal } = this.task;
    const { exitCode, stdout, stderr } = await this.commands.run(['/bin/sh', '-c', script, 'sh', path, ...more], { timeout: `${idleTimeout}ms`, maxOutput: '32MiB', ...(signal ? { signal } : {}) });
    if (exitCode !== 0) throw fileError(doing, fileFailureIn(stderr), stderr.trim() || `exit code ${exitCode}`);
    return stdout;
  }
}

/** What a program of the guest complains of. */
export function fileFailureIn(message: string): FileFailure {
  if (/no such file|nonexistent/i.test(message)) return 'missing';
  return /permission denied|not permitted|read-only/i.test(message) ? 'denied' : 'failed';
}

function rawStat(numbers: string): { mode: number; size: number; mtime: number } {
  const [mode = '', size, mtime] = numbers.split(' ');
  return { mode: Number.parseInt(mode, 16) || 0, size: Number(size) || 0, mtime: Number(mtime) || 0 };
}
