import { createHash } from 'node:crypto';
import { type Stats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TreeThing, treeLine } from '../lib';
import { fileDigest } from './file-digest';

/** SHA-256 over all that a folder holds: names, kinds, owners, permissions and contents. Files that were hashed before are not read again. */
export function treeDigest(folder: string): string {
  const hash = createHash('sha256');
  for (const thing of thingsIn(folder, '')) hash.update(treeLine(thing));
  return hash.digest('hex');
}

function* thingsIn(folder: string, path: string): Generator<TreeThing> {
  const own = join(folder, path);
  const stats = lstatSync(own);
  const type = typeOf(stats);
  const content = type === 'file' ? fileDigest(own) : type === 'symlink' ? readlinkSync(own) : '';
  yield { path, type, mode: stats.mode, uid: stats.uid, gid: stats.gid, content };
  if (type !== 'directory') return;
  for (const name of readdirSync(own).sort(byBytes)) yield* thingsIn(folder, path === '' ? name : `${path}/${name}`);
}

function typeOf(stats: Stats): TreeThing['type'] {
  if (stats.isDirectory()) return 'directory';
  if (stats.isFile()) return 'file';
  if (stats.isSymbolicLink()) return 'symlink';
  return stats.isFIFO() || stats.isSocket() ? 'pipe' : 'device';
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
