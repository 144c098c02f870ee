import { type Static, Type } from '../schema';
import { RootReference } from '../spec';
import { SourceOrigin } from './image-index';

const closed = { additionalProperties: false } as const;

/** A root filesystem that lies in a place of this machine. */
const RootFile = Type.Object(
  {
    ...RootReference.properties,
    /** Absolute path of the tarball, folder or OCI layout; whoever reads it hashes it again. */
    path: Type.String({ pattern: '^/' }),
  },
  closed,
);

/** A root filesystem that is had from its source when it is needed. */
const RootOrigin = Type.Object({ ...RootReference.properties, origin: SourceOrigin }, closed);
export type RootOrigin = Static<typeof RootOrigin>;

/**
 * What this machine knows of one root filesystem: `roots/DIGEST.json` in the cache folder. Written at synth, read by the companion, as with
 * images: a plan names it by digest alone.
 */
export const RootIndexEntry = Type.Union([RootFile, RootOrigin]);
export type RootIndexEntry = Static<typeof RootFile> | RootOrigin;

/** Path of an entry of the root index. */
export function rootIndexFile(cacheFolder: string, digest: string): string {
  return `${cacheFolder}/roots/${digest}.json`;
}

/** One thing in a folder that is a root filesystem. */
export interface TreeThing {
  /** Relative to the folder, with forward slashes; empty for itself. */
  readonly path: string;
  readonly type: 'directory' | 'file' | 'symlink' | 'device' | 'pipe';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** SHA-256 of a file's content, target of a link; else empty. */
  readonly content: string;
}

/** The line by which a thing counts into the digest of its folder: the SHA-256 over the lines of all, each folder before what is in it, names in the order of their bytes. */
export function treeLine({ path, type, mode, uid, gid, content }: TreeThing): string {
  return `${JSON.stringify([path, type, mode & 0o7777, uid, gid, content])}\n`;
}
