import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';

/**
 * The folder in which this user's long-lived processes of Sandform are listed; gone at the next boot.
 * root: /run/sandform; others: XDG_RUNTIME_DIR, else a folder of their own among the temporary files.
 */
export function registryFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const user = process.geteuid?.() ?? 0;
  const { XDG_RUNTIME_DIR: runtime } = environment;
  const base = user === 0 ? '/run/sandform' : runtime && existsSync(runtime) ? join(runtime, 'sandform') : join(tmpdir(), `sandform-${user}`);
  return join(base, 'processes');
}

/**
 * Makes the folder. What is listed there may get killed, so nobody else may write into it: among temporary files anybody
 * could have made it first.
 * @throws SandformError `HOST_UNSUPPORTED`
 */
export function ownRegistryFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) {
    throw new SandformError('HOST_UNSUPPORTED', {
      doing: 'listing this process among those of Sandform',
      given: `${folder} belongs to another user or can be written by others`,
      expected: 'a folder of your own',
      fix: 'remove the folder, or set XDG_RUNTIME_DIR',
    });
  }
}
