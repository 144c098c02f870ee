import { SandformError } from '../../../lib/errors';
import type { Commands } from '../commands';
import { fileError, type FileFailure } from '../file-error';
import { fileStat } from '../file-stat';
import type { GuestFileEntry, GuestFileStat } from '../files';
import { makeFolder, removePath } from '../shell-files';
import type { FileTask, GuestFileSystem } from '../tree-files';

const MOST_ENTRIES = 100_000;
/** One line of numbers and one name, ended by a zero byte, for each entry of a folder. */
const LIST = 'cd -- "$1" || exit 1; for name in * .*; do case $name in .|..) continue ;; esac; numbers=$(stat -c "%f %s %Y" -- "$name" 2>/dev/null) && printf "%s\\n%s\\0" "$numbers" "$name"; done; exit 0';
/** The opening of a pipe would wait for somebody at the other end. */
const READ = 'if [ -p "$1" ] || [ -S "$1" ]; then echo "a pipe or socket" >&2; exit 3; fi; exec cat -- "$1"';
const WRITE = 'umask 077; cat >"$1" && chmod "$2" -- "$1"';

/** A container's files through programs of its own: what is a path in it is looked up in it, and nowhere else. */
export class NamespaceFiles implements GuestFileSystem {
  constructor(
    private readonly commands: Commands,
    private readonly task: FileTask,
  ) {}

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

  async *read(path: string): AsyncGenerator<Buffer> {
    const running = await this.start(READ, path);
    running.stdin.end();
    const errors = textOf(running.stderr);
    const idle = this.idle(() => running.kill('SIGKILL'));
    let complete = false;
    try {
      for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
        idle.refresh();
        yield chunk;
      }
      complete = true;
    } finally {
      idle.stop();
      if (!complete) running.kill('SIGKILL').catch(() => undefined);
    }
    this.check(idle.expired, (await running.wait()).exitCode, await errors);
  }

  async write(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, mode: number): Promise<void> {
    const running = await this.start(WRITE, path, mode.toString(8));
    running.stdout.resume();
    const errors = textOf(running.stderr);
    const idle = this.idle(() => running.kill('SIGKILL'));
    try {
      for await (const piece of source) {
        if (!running.stdin.write(piece)) await new Promise((resolve) => running.stdin.once('drain', resolve));
        idle.refresh();
      }
      running.stdin.end();
      const { exitCode } = await running.wait();
      this.check(idle.expired, exitCode, await errors);
    } catch (error) {
      running.kill('SIGKILL').catch(() => undefined);
      throw error;
    } finally {
      idle.stop();
    }
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

  private async ask(script: string, path: string, ...more: string[]): Promise<string> {
    const { idleTimeout, signal } = this.task;
    const { exitCode, stdout, stderr } = await this.commands.run(['/bin/sh', '-c', script, 'sh', path, ...more], { timeout: `${idleTimeout}ms`, maxOutput: '32MiB', ...(signal ? { signal } : {}) });
    this.check(false, exitCode, stderr);
    return stdout;
  }

  private start(script: string, path: string, ...more: string[]) {
    return this.commands.start(['/bin/sh', '-c', script, 'sh', path, ...more], this.task.signal ? { signal: this.task.signal } : {});
  }

  private check(expired: boolean, exitCode: number | null, message: string): void {
    const { doing, idleTimeout } = this.task;
    if (expired) throw new SandformError('GUEST_UNREACHABLE', { doing, given: `no progress for ${idleTimeout} ms` });
    if (exitCode !== 0) throw fileError(doing, exitCode === 3 ? 'not-supported' : reasonIn(message), message.trim() || `exit code ${exitCode}`);
  }

  private idle(onIdle: () => Promise<void>): { expired: boolean; refresh(): void; stop(): void } {
    const timer = setTimeout(() => {
      watch.expired = true;
      void onIdle();
    }, this.task.idleTimeout);
    const watch = { expired: false, refresh: () => void timer.refresh(), stop: () => clearTimeout(timer) };
    return watch;
  }
}

/** A message, however long a hostile guest makes it. */
async function textOf(stream: AsyncIterable<Buffer> & { resume(): unknown }): Promise<string> {
  let text = '';
  for await (const chunk of stream) if (text.length < 4096) text += chunk.toString();
  return text.slice(0, 4096);
}

function rawStat(numbers: string): { mode: number; size: number; mtime: number } {
  const [mode = '', size, mtime] = numbers.split(' ');
  return { mode: Number.parseInt(mode, 16) || 0, size: Number(size) || 0, mtime: Number(mtime) || 0 };
}

function reasonIn(message: string): FileFailure {
  if (/no such file|nonexistent/i.test(message)) return 'missing';
  return /permission denied|not permitted|read-only/i.test(message) ? 'denied' : 'failed';
}
