import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { SandformError, messageOf, printable } from '../../lib';
import { systemPath } from './program';

export interface GuestBuildOptions {
  /** Builds it again though it is there. @default false */
  readonly force?: boolean;
  /** Ends the build; what it made so far is removed. */
  readonly signal?: AbortSignal;
  /** Told what the build says, line by line, safe to print. */
  readonly onLine?: (line: string) => void;
}

/** Guests that Sandform builds. */
export const GUESTS = ['micro', 'debian12', 'debian12-uefi'] as const;

/**
 * Builds a guest from Debian packages, unless it is in the cache already, and returns the folder that it lies in.
 *
 * @param name one of {@link GUESTS}
 * @throws SandformError `PROCESS_FAILED`, `INTERRUPTED`
 */
export async function buildGuest(name: string, { force = false, signal, onLine = () => undefined }: GuestBuildOptions = {}): Promise<string> {
  const doing = `building the guest '${name}'`;
  const build = spawn(join(packageFolder(), 'scripts', 'guests', 'build'), [name, ...(force ? ['--force'] : [])], {
    env: { ...process.env, PATH: systemPath() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const abort = (): void => void build.kill('SIGTERM');
  signal?.addEventListener('abort', abort, { once: true });
  const said: string[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: build.stderr })) {
      said.push(line);
      onLine(printable(line, { singleLine: true, limit: 500 }));
    }
  })();
  let folder = '';
  build.stdout.setEncoding('utf8').on('data', (text: string) => (folder += text));
  const code = await exitCode(build, doing);
  await reading;
  signal?.removeEventListener('abort', abort);
  if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing });
  if (code !== 0) throw new SandformError('PROCESS_FAILED', { doing, given: said.slice(-20).join('\n'), expected: 'the guest to be built' });
  return folder.trim();
}

async function exitCode(build: ChildProcess, doing: string): Promise<number | null> {
  try {
    const [code] = (await once(build, 'close')) as [number | null];
    return code;
  } catch (error) {
    throw new SandformError('PROCESS_FAILED', { doing, given: messageOf(error), expected: 'scripts/guests/build of this package to be runnable', cause: error });
  }
}

/** The folder of this package, whether it runs from its sources or built. */
/** Folder of this package, in a checkout or installed. */
export function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
