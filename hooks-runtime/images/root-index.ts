import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { RootIndexEntry, cacheFolder, rootIndexFile } from '../../lib/images';
import { mistakesOf, type RootReference } from '../../lib/spec';
import { type LocateOptions, fetchedFrom } from './image-index';

/** Where a root filesystem lies on this machine, as it was published. */
export interface LocalRoot extends RootReference {
  /** The tarball, the folder, or the folder with an image's blobs, named by their digests. */
  readonly path: string;
  /** Throws away what the store has of it, where it turned out to be damaged. */
  readonly discard: () => void;
}

/**
 * The place of a root filesystem on this machine; where it comes from a source and is not in the store, it is fetched first.
 * @throws SandformError `IMAGE_MISSING`, `IMAGE_VANISHED`, and others of its source
 */
export async function localRoot(digest: string, { environment = process.env, ...options }: LocateOptions): Promise<LocalRoot> {
  const entry = await rootOf(digest, environment);
  const { kind } = entry;
  if ('path' in entry) return { digest, kind, path: kind === 'oci' ? join(entry.path, 'blobs', 'sha256') : entry.path, discard: () => undefined };
  const image = await fetchedFrom(entry.origin, { environment, ...options });
  const { ImageStore } = await import('../store');
  return { digest, kind, path: kind === 'oci' ? dirname(image.file) : image.file, discard: () => ImageStore.open(environment).discard(image) };
}

/** What this machine knows of the root filesystem of a digest, written at synth. */
async function rootOf(digest: string, environment: NodeJS.ProcessEnv): Promise<RootIndexEntry> {
  const file = rootIndexFile(cacheFolder(environment), digest);
  let entry: unknown;
  let cause: unknown;
  try {
    entry = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    cause = error;
  }
  if (mistakesOf(RootIndexEntry, entry).length === 0 && (entry as RootIndexEntry).digest === digest) return entry as RootIndexEntry;
  throw new SandformError('IMAGE_MISSING', {
    doing: `looking for root filesystem ${digest.slice(0, 12)} on this machine`,
    given: `${file} cannot be read`,
    expected: 'an entry that synth wrote',
    fix: 'run synth again on this machine, with the same cache folder (SANDFORM_CACHE, XDG_CACHE_HOME, HOME)',
    ...(cause === undefined ? {} : { cause }),
  });
}
