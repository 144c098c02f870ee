import { type Static, Type } from '@sinclair/typebox';
import { Digest, ImageReference } from '../spec';

const closed = { additionalProperties: false } as const;

/**
 * What this machine knows of one image: `images/DIGEST.json` in the cache folder. Written at synth, read by the
 * companion, so that a plan names images by digest alone and never by path.
 */
export const ImageIndexEntry = Type.Object(
  {
    digest: Digest,
    format: ImageReference.properties.format,
    /** Size that the guest sees, bytes. For a kernel or initrd: size of the file. */
    virtualSize: Type.Integer({ minimum: 1 }),
    /** Absolute path of a file that held these bytes when it was hashed; whoever reads it hashes them again. */
    file: Type.String({ pattern: '^/' }),
    /** Size of the file, bytes. */
    size: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type ImageIndexEntry = Static<typeof ImageIndexEntry>;

/** Path of an entry of the image index. */
export function imageIndexFile(cacheFolder: string, digest: string): string {
  return `${cacheFolder}/images/${digest}.json`;
}

/** Folder in which Sandform keeps what it can make again: `SANDFORM_CACHE`, else `sandform` in the user's cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const { SANDFORM_CACHE: own, XDG_CACHE_HOME: shared, HOME: home } = environment;
  if (own) return own;
  return shared ? `${shared}/sandform` : `${home ?? ''}/.cache/sandform`;
}
