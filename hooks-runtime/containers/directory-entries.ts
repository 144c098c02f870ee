import { createHash, type Hash } from 'node:crypto';
import { type Stats, createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { SandformError } from '../../lib/errors';
import { type TreeThing, treeLine } from '../../lib/images';
import type { LocalRoot } from '../images';
import type { RootEntry } from './root-entry';

/** What a folder holds, hashed as it passes: after the last entry it fails unless all was as it was declared. @throws SandformError `IMAGE_CHANGED` */
export async function* directoryEntries({ path: folder, digest }: LocalRoot, doing: string): AsyncGenerator<RootEntry> {
  const hash = createHash('sha256');
  yield* entriesIn(folder, '', hash);
  const found = hash.digest('hex');
  if (found !== digest) throw new SandformError('IMAGE_CHANGED', { doing, given: `${folder}, which now has digest ${found}`, expected: `digest ${digest}` });
}

async function* entriesIn(folder: string, path: string, hash: Hash): AsyncGenerator<RootEntry> {
  const own = join(folder, path);
  const stats = await lstat(own);
  const type = typeOf(stats);
  const common = { path, type, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
  const entry = { ...common, modified: stats.mtimeMs, size: type === 'file' ? stats.size : 0 };
  let content = '';
  if (type === 'symlink') {
    content = await readlink(own);
    yield { ...entry, target: content };
  } else if (type === 'file') {
    const sum = createHash('sha256');
    const source = createReadStream(own);
    const summing = new Transform({ transform: (chunk: Buffer, _encoding, done) => {
      sum.update(chunk);
      done(null, chunk);
    } });
    source.on('error', (error) => summing.destroy(error)).pipe(summing);
    yield { ...entry, content: summing };
    content = sum.digest('hex');
  } else yield entry;
  hash.update(treeLine({ ...common, content }));
  if (type !== 'directory') return;
  const names = (await readdir(own)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) yield* entriesIn(folder, path === '' ? name : `${path}/${name}`, hash);
}

function typeOf(stats: Stats): TreeThing['type'] {
  if (stats.isDirectory()) return 'directory';
  if (stats.isFile()) return 'file';
  if (stats.isSymbolicLink()) return 'symlink';
  return stats.isFIFO() || stats.isSocket() ? 'pipe' : 'device';
}
