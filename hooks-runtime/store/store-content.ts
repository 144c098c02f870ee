import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ImageFile, PinnedImage } from '../../lib/images';
import { contentOf } from './make-disk';
import { readNote } from './note-file';
import { rootParts } from './root-image';

/** A file of the store. */
export interface StoredFile {
  /** `blob`: as published. `disk`: unpacked or converted. `partial`: what is being fetched, or was cut. */
  readonly kind: 'blob' | 'disk' | 'partial';
  /** Digest by which it is known; of a partial one, a name. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** When it was last used. */
  readonly usedAt: Date;
}

const FOLDERS = { blob: 'blobs', disk: 'disks', partial: 'partial' } as const;
/** What is being fetched changes all the time; what has not for so long was left. */
const ABANDONED_MS = 60 * 60_000;

/** All files of a store. @param folder of the store */
export function storedFiles(folder: string): StoredFile[] {
  return (Object.keys(FOLDERS) as (keyof typeof FOLDERS)[]).flatMap((kind) =>
    namesIn(join(folder, FOLDERS[kind])).flatMap((name) => {
      const path = join(folder, FOLDERS[kind], name);
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts === undefined || name.endsWith('.json') || name.endsWith('.part') ? [] : [{ kind, name, path, size: facts.size, usedAt: facts.mtime }];
    }),
  );
}

/**
 * Hashes all whole files.
 * @returns those that are not what their names say
 */
export async function damagedFiles(folder: string, { signal }: { readonly signal: AbortSignal }): Promise<StoredFile[]> {
  const damaged: StoredFile[] = [];
  for (const file of storedFiles(folder)) {
    if (file.kind === 'partial') continue;
    signal.throwIfAborted();
    const expected = file.kind === 'disk' ? readNote(`${file.path}.json`, ImageFile) : undefined;
    if ((await contentOf(file.path)) !== (expected?.content ?? file.name)) damaged.push(file);
  }
  return damaged;
}

/**
 * What may be removed: not used for so long, and not named as needed; and what was left of fetching.
 * @param needed digests of disks and root filesystems
 */
export function unusedFiles(folder: string, { unusedForMs, needed }: { readonly unusedForMs: number; readonly needed: ReadonlySet<string> }): StoredFile[] {
  const kept = new Set([...needed].flatMap((digest) => [readNote(join(folder, 'disks', `${digest}.json`), ImageFile)?.file ?? [], layersOf(join(folder, 'blobs', digest))].flat()));
  const now = Date.now();
  return storedFiles(folder).filter(({ kind, name, path, usedAt }) => now - usedAt.getTime() >= (kind === 'partial' ? Math.max(unusedForMs, ABANDONED_MS) : unusedForMs) && !needed.has(name) && !kept.has(path));
}

/** Removes a file: first what says that it is there. */
export function removeStored(folder: string, { name, path }: StoredFile): void {
  rmSync(join(folder, 'disks', `${name}.json`), { force: true });
  rmSync(path, { force: true });
}

/** Removes what is noted of versions of which nothing is here any more. */
export function forgetVersions(folder: string): void {
  for (const name of namesIn(join(folder, 'versions'))) {
    const pinned = readNote(join(folder, 'versions', name), PinnedImage);
    const isHere = pinned !== undefined && (existsSync(join(folder, 'blobs', pinned.digest)) || existsSync(join(folder, 'disks', `${pinned.image.digest}.json`)));
    if (!isHere) rmSync(join(folder, 'versions', name), { force: true });
  }
}

/** Of the manifest of an image: its layers. Most blobs are something else. */
function layersOf(blob: string): string[] {
  try {
    return rootParts({ digest: '', kind: 'oci', file: blob });
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
