import { SandformError } from '../../../lib/errors';
import type { Commands } from '../commands';
import { type FileFailure, fileError } from '../file-error';
import { fileStat } from '../file-stat';
import type { GuestFileEntry, GuestFileStat } from '../files';
import { makeFolder, removePath } from '../shell-files';
import type { FileTask, GuestFileSystem } from '../tree-files';
import type { AgentCalls } from './agent-calls';

/** Bytes per question: the agent takes long ones apart slowly. */
const CHUNK = 48 * 2 ** 10;
const MOST_ENTRIES = 100_000;
/** One line of numbers and one name, ended by a zero byte, for each entry of a folder. */
const LIST = 'cd -- "$1" || exit 1; for name in * .*; do case $name in .|..) continue ;; esac; numbers=$(stat -c "%f %s %Y" -- "$name" 2>/dev/null) && printf "%s\\n%s\\0" "$numbers" "$name"; done; exit 0';

/** A guest's files through its agent: contents by the agent's own commands, the rest by the guest's shell. */
export class AgentFiles implements GuestFileSystem {
  constructor(
    private readonly calls: AgentCalls,
    private readonly commands: Commands,
    private readonly task: FileTask,
  ) {}

  async stat(path: string): Promise<GuestFileStat> {
    const text = await this.ask('stat -L -c "%f %s %Y" -- "$1"', path);
    return fileStat(rawStat(text.trim()));
  }

  async list(path: string): Promise<GuestFileEntry[]> {
    const records = (await this.ask(LIST, path)).split('\0').slice(0, -1);
    if (records.length > MOST_ENTRIES) throw fileError(this.task.doing, 'too-big', `more than ${MOST_ENTRIES} entries`);
    return records.map((record) => {
      const end = record.indexOf('\n');
      return { name: record.slice(end + 1), ...fileStat(rawStat(record.slice(0, end))) };
    });
  }

  async *read(path: string): AsyncGenerator<Buffer> {
    const handle = await this.do(() => this.calls.open(path, 'r'));
    try {
      for (;;) {
        const chunk = await this.do(() => this.calls.read(handle, CHUNK));
        if (chunk.length === 0) return;
        yield chunk;
      }
    } finally {
      await this.letGo(handle);
    }
  }

  async write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void> {
    const handle = await this.do(() => this.calls.open(path, 'w'));
    try {
      for await (const piece of source) {
        for (let start = 0; start < piece.length; ) start += await this.do(() => this.writeSome(handle, piece.subarray(start, start + CHUNK)));
      }
    } catch (error) {
      await this.letGo(handle);
      throw error;
    }
    await this.do(() => this.calls.close(handle));
    await this.ask(`chmod ${mode.toString(8)} -- "$1"`, path);
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

  private async writeSome(handle: number, data: Uint8Array): Promise<number> {
    const taken = await this.calls.write(handle, data);
    if (taken === 0) throw fileError(this.task.doing, 'failed', 'the guest took nothing of it');
    return taken;
  }

  private async ask(script: string, path: string, ...more: string[]): Promise<string> {
    const { doing, idleTimeout, signal } = this.task;
    const { exitCode, stdout, stderr } = await this.commands.run(['/bin/sh', '-c', script, 'sh', path, ...more], { timeout: `${idleTimeout}ms`, maxOutput: '32MiB', ...(signal ? { signal } : {}) });
    if (exitCode !== 0) throw fileError(doing, reasonIn(stderr), stderr.trim() || `exit code ${exitCode}`);
    return stdout;
  }

  private async do<T>(work: () => Promise<T>): Promise<T> {
    const { doing, signal } = this.task;
    if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
    try {
      return await work();
    } catch (error) {
      const failure = SandformError.from(error, doing);
      // libvirt's code for whatever the agent itself refuses
      throw failure.code === 'LIBVIRT_FAILED' ? fileError(doing, reasonIn(failure.given ?? ''), failure.given, failure) : failure;
    }
  }

  private async letGo(handle: number): Promise<void> {
    await this.calls.close(handle).catch(() => undefined);
  }
}

function rawStat(numbers: string): { mode: number; size: number; mtime: number } {
  const [mode = '', size, mtime] = numbers.split(' ');
  return { mode: Number.parseInt(mode, 16) || 0, size: Number(size) || 0, mtime: Number(mtime) || 0 };
}

function reasonIn(message: string): FileFailure {
  if (/no such file/i.test(message)) return 'missing';
  return /permission denied|not permitted|read-only/i.test(message) ? 'denied' : 'failed';
}
