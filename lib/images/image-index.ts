import { type Static, Type } from '../schema';
import { Digest, ImageReference } from '../spec';
import { PinnedImage } from './image-lock';
import { NamedSource } from './image-source';

const closed = { additionalProperties: false } as const;

const FileFacts = {
  /** Absolute path of a file that held these bytes when it was hashed; whoever reads it hashes them again. */
  file: Type.String({ pattern: '^/' }),
  /** Size of the file, bytes. */
  size: Type.Integer({ minimum: 1 }),
  /** SHA-256 of the file where it was converted, and is named by what it was made from. Absent: the image's digest is that of the file. */
  content: Type.Optional(Digest),
};

const Reference = {
  digest: Digest,
  format: ImageReference.properties.format,
  /** Size that the guest sees, bytes. For a kernel or initrd: size of the file. */
  virtualSize: Type.Integer({ minimum: 1 }),
};

/** An image that lies in a file of this machine. */
export const ImageFile = Type.Object({ ...Reference, ...FileFacts }, closed);
export type ImageFile = Static<typeof ImageFile>;

/** Where an image is had from, and which version of it. */
export const SourceOrigin = Type.Object({ ...NamedSource.properties, pinned: PinnedImage, /** Absolute path. */ project: Type.String({ pattern: '^/' }) }, closed);
export type SourceOrigin = Static<typeof SourceOrigin>;

/** An image that is had from its source when it is needed. */
export const ImageOrigin = Type.Object({ ...Reference, origin: SourceOrigin }, closed);
export type ImageOrigin = Static<typeof ImageOrigin>;

/**
 * What this machine knows of one image: `images/DIGEST.json` in the cache folder. Written at synth, read by the
 * companion, so that a plan names images by digest alone and never by path.
 */
export const ImageIndexEntry = Type.Union([ImageFile, ImageOrigin]);
export type ImageIndexEntry = ImageFile | ImageOrigin;

/** Path of an entry of the image index. */
export function imageIndexFile(cacheFolder: string, digest: string): string {
  return `${cacheFolder}/images/${digest}.json`;
}

/** Path of what the image store of this machine has as it was published: one blob. */
export function storedBlobFile(cacheFolder: string, digest: string): string {
  return `${cacheFolder}/store/blobs/${digest}`;
}

/** Path of what the image store of this machine notes of a disk, an {@link ImageFile}: it is there where the disk is. */
export function storedDiskNote(cacheFolder: string, digest: string): string {
  return `${cacheFolder}/store/disks/${digest}.json`;
}

/** Folder in which Sandform keeps what it can make again: `SANDFORM_CACHE`, else `sandform` in the user's cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const { SANDFORM_CACHE: own, XDG_CACHE_HOME: shared, HOME: home } = environment;
  if (own) return own;
  return shared ? `${shared}/sandform` : `${home ?? ''}/.cache/sandform`;
}
