import { readFile } from 'node:fs/promises';
import { SandformError } from '../../lib/errors';
import { cacheFolder, type ImageFile, ImageIndexEntry, type SourceOrigin, imageIndexFile } from '../../lib/images';
import { mistakesOf } from '../../lib/spec';
import type { StoredImage } from '../store';

/** How to bring an image to this machine. */
export interface LocateOptions {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being waited for or fetched, a line for people now and then. */
  readonly onProgress: (line: string) => void;
}

const TELL_EVERY_MS = 5_000;

/**
 * The file of an image on this machine; where it comes from a source and is not in the store, it is fetched first.
 * @throws SandformError `IMAGE_MISSING`, `IMAGE_VANISHED`, and others of its source
 */
export async function localImage(digest: string, { environment = process.env, ...options }: LocateOptions): Promise<ImageFile> {
  const entry = await imageOf(digest, environment);
  if ('file' in entry) return entry;
  const image = await fetchedFrom(entry.origin, { environment, ...options });
  if ('format' in image) return image;
  throw new SandformError('INTERNAL', { doing: `looking for image ${digest.slice(0, 12)}`, given: 'a root filesystem' });
}

/** What an index entry that names a source stands for: from the store, or fetched now. */
export async function fetchedFrom(origin: SourceOrigin, { environment = process.env, signal, onProgress }: LocateOptions): Promise<StoredImage> {
  // Most calls of the companion need no store, and each pays for what it loads.
  const { ImageStore, progressLine } = await import('../store');
  let told = performance.now();
  return ImageStore.open(environment).pullPinned(origin, {
    project: origin.project,
    ...(signal === undefined ? {} : { signal }),
    onWait: onProgress,
    onProgress: (progress) => {
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      onProgress(progressLine(progress));
    },
  });
}

/**
 * What this machine knows of the image of a digest, written at synth.
 * @throws SandformError `IMAGE_MISSING`
 */
export async function imageOf(digest: string, environment: NodeJS.ProcessEnv = process.env): Promise<ImageIndexEntry> {
  const file = imageIndexFile(cacheFolder(environment), digest);
  const missing = (given: string, cause?: unknown) =>
    new SandformError('IMAGE_MISSING', {
      doing: `looking for image ${digest.slice(0, 12)} on this machine`,
      given,
      expected: 'an entry that synth wrote',
      fix: 'run synth again on this machine, with the same cache folder (SANDFORM_CACHE, XDG_CACHE_HOME, HOME)',
      ...(cause === undefined ? {} : { cause }),
    });
  let entry: unknown;
  try {
    entry = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw missing(`${file} cannot be read`, error);
  }
  if (mistakesOf(ImageIndexEntry, entry).length > 0 || (entry as ImageIndexEntry).digest !== digest) throw missing(`${file} is damaged`);
  return entry as ImageIndexEntry;
}
