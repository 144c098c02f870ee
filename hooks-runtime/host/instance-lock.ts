import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { SandformError } from '../../lib';
import { type InstancePaths } from './instance-paths';
import { GO, LOCK, LOCKED, REMOVED, TAKEN, type LaunchVariables } from './launch-script';
import { processIdentity, type ProcessIdentity } from '../processes';
import { systemPath } from './program';

/**
 * The lock of an instance, held by a child process that ends with this one, or goes on to become the instance. The
 * kernel gives it back when its holder ends, however that happens.
 */
export class InstanceLock {
  private constructor(
    private readonly child: ChildProcess,
    private readonly path: string,
    /** Who holds the lock. */
    readonly holder: ProcessIdentity,
  ) {}

  /**
   * The lock, or undefined when somebody else holds it.
   *
   * @param variables what the launch program gets. Its file descriptor 3 comes to its end when this process ends.
   */
  static async tryTake(paths: InstancePaths, variables?: LaunchVariables): Promise<InstanceLock | undefined> {
    mkdirSync(dirname(paths.lock), { recursive: true, mode: 0o755 });
    for (;;) {
      const child = spawn('sh', ['-c', LOCK, 'lock', paths.lock, paths.launchProgram], {
        cwd: '/',
        detached: true,
        env: { PATH: systemPath(), HOME: '/root', LANG: 'C.UTF-8', ...variables },
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
      });
      const holder = (await firstLine(child)) === LOCKED && child.pid !== undefined ? processIdentity(child.pid) : undefined;
      if (holder) return new InstanceLock(child, paths.lock, holder);
      const code = await exitCode(child);
      if (code === TAKEN) return undefined;
      if (code !== REMOVED) throw new SandformError('PROCESS_FAILED', { doing: `locking ${paths.lock}`, given: `exit code ${code}` });
    }
  }

  /** Lets the holder go on to the launch program; it lives on when this process ends. */
  proceed(): void {
    this.child.stdin?.end(`${GO}\n`);
    this.child.stdout?.destroy();
    (this.child.stdio[3] as Socket | null)?.unref();
    this.child.unref();
  }

  /** Whether the holder has ended. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Gives the lock back and removes its file. */
  async release(): Promise<void> {
    rmSync(this.path, { force: true });
    this.child.stdin?.end();
    await exitCode(this.child);
  }
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (!child.stdout) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}

async function exitCode(child: ChildProcess): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? undefined;
}
