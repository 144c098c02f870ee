import { SandformError } from '../../../lib/errors';
import { fileError } from '../file-error';
import { ShellFileSystem, fileFailureIn } from '../shell-file-system';

/** The opening of a pipe would wait for somebody at the other end. */
const READ = 'if [ -p "$1" ] || [ -S "$1" ]; then echo "a pipe or socket" >&2; exit 3; fi; exec cat -- "$1"';
const WRITE = 'umask 077; cat >"$1" && chmod "$2" -- "$1"';

/** A container's files through programs of its own: what is a path in it is looked up in it, and nowhere else. */
export class NamespaceFiles extends ShellFileSystem {
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

  private start(script: string, path: string, ...more: string[]) {
    return this.commands.start(['/bin/sh', '-c', script, 'sh', path, ...more], this.task.signal ? { signal: this.task.signal } : {});
  }

  private check(expired: boolean, exitCode: number | null, message: string): void {
    const { doing, idleTimeout } = this.task;
    if (expired) throw new SandformError('GUEST_UNREACHABLE', { doing, given: `no progress for ${idleTimeout} ms` });
    if (exitCode !== 0) throw fileError(doing, exitCode === 3 ? 'not-supported' : fileFailureIn(message), message.trim() || `exit code ${exitCode}`);
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
