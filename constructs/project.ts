import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder where cdktf.json lies, from the working directory upwards; without one, the working directory. */
export function projectFolder(from = process.cwd()): string {
  return folderWith('cdktf.json', from) ?? resolve(from);
}

/**
 * Name of the app as it stands in the project's package.json, made fit for a host: `@acme/lab` becomes `acme-lab`.
 * `app` where there is none.
 */
export function projectName(from = process.cwd()): string {
  const folder = folderWith('package.json', from);
  const name = folder === undefined ? undefined : (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown }).name;
  const fit = typeof name === 'string' ? name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 63) : '';
  return fit === '' ? 'app' : fit;
}

/** The nearest folder upwards that holds a file of this name. */
export function folderWith(name: string, from: string): string | undefined {
  const folder = resolve(from);
  if (existsSync(join(folder, name))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : folderWith(name, parent);
}
