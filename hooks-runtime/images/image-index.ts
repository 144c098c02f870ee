import { readFile } from 'node:fs/promises';
import { SandformError } from '../../lib/errors';
import { cacheFolder, ImageIndexEntry, imageIndexFile } from '../../lib/images';
import { mistakesOf } from '../../lib/spec';

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
