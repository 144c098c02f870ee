import { createHash } from 'node:crypto';
import { type Static, Type } from '../schema';
import { Digest, ImageReference, RootReference } from '../spec';
import { NamedSource } from './image-source';

const closed = { additionalProperties: false } as const;

/** Name of the lock in a project's folder. */
export const IMAGE_LOCK_FILE = 'sandform.lock.json';
/** Generation of the lock; others are refused. */
export const IMAGE_LOCK_VERSION = 1;
/** Generation of how disks are made from what is published; goes into the names of converted disks. */
export const DISK_RECIPE = 1;

/** What names one version at its place: an ETag, a version id, a manifest's digest. */
export const SourceVersion = Type.Record(Type.String({ pattern: '^[A-Za-z0-9_-]{1,63}$' }), Type.String({ maxLength: 1024 }), closed);
export type SourceVersion = Static<typeof SourceVersion>;

/** One source, pinned. */
export const PinnedImage = Type.Object(
  {
    /** SHA-256 of the declaration that it was made for; see sourceDigest. */
    declaration: Digest,
    version: SourceVersion,
    /** Bytes as published; of an image in layers: of its manifest. */
    size: Type.Integer({ minimum: 1 }),
    /** SHA-256 of the bytes as published; of an image in layers: of its manifest. */
    digest: Digest,
    /** What comes from them: a disk, or the root filesystem of containers. */
    image: Type.Union([ImageReference, RootReference]),
  },
  closed,
);
export type PinnedImage = Static<typeof PinnedImage>;

/** `sandform.lock.json`: which bytes each source of a project stands for. Users commit it. */
export const ImageLock = Type.Object({ schemaVersion: Type.Literal(IMAGE_LOCK_VERSION), sources: Type.Record(NamedSource.properties.name, PinnedImage, closed) }, { ...closed, $id: 'ImageLock' });
export type ImageLock = Static<typeof ImageLock>;

/** Environment variables by which an app and the command line talk about its sources. */
export const IMAGE_ENVIRONMENT = {
  /** A file to which an app writes each source that it declares, a line of JSON each, instead of being synthesized. */
  collect: 'SANDFORM_IMAGE_SOURCES',
  /** `locked`: what the lock does not hold is an error. */
  policy: 'SANDFORM_IMAGES',
} as const;

/** Text of a lock: sources and keys sorted, so that its history in a repository shows what changed and nothing else. */
export function imageLockText(lock: ImageLock): string {
  return `${JSON.stringify(sorted(lock), null, 2)}\n`;
}

/**
 * Name of a disk that is converted: by what it was made from and how, because the bytes that a converter writes differ from one of
 * its versions to the next.
 */
export function convertedDigest(published: string, format: string): string {
  return createHash('sha256').update(`sandform disk ${DISK_RECIPE}: ${format} ${published} to qcow2`).digest('hex');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
