import { type Stats, closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HEADER_LENGTH, type RootIndexEntry, type RootReference, SandformError, cacheFolder, compressionOf, messageOf, rootIndexFile, rootMistake } from '../lib';
import { fileDigest, writeAtomically } from './file-digest';
import { projectFolder } from './project';

/**
 * What the plan calls a tarball of this machine.
 * @throws SandformError `IMAGE_MISSING`, `ROOT_UNREADABLE`
 */
export function tarballReference(path: string, doing: string): RootReference {
  const file = resolve(projectFolder(), path);
  lookedAt(file, doing, (stats) => stats.isFile(), 'a file');
  const head = beginning(file);
  // What is compressed is looked at when it is unpacked.
  const mistake = compressionOf(head) === undefined ? rootMistake(head) : undefined;
  if (mistake !== undefined) throw new SandformError('ROOT_UNREADABLE', { doing, ...mistake });
  return notedRoot({ digest: fileDigest(file), kind: 'tarball', path: file });
}

/** Notes on this machine where a root filesystem lies, for the companion. */
export function notedRoot(entry: RootIndexEntry): RootReference {
  const { digest, kind } = entry;
  writeAtomically(rootIndexFile(cacheFolder(process.env), digest), `${JSON.stringify(entry)}\n`);
  return { digest, kind };
}

/** @throws SandformError `IMAGE_MISSING` where there is nothing, `ROOT_UNREADABLE` where it does not fit */
export function lookedAt(path: string, doing: string, fits: (stats: Stats) => boolean, expected: string): void {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw new SandformError('IMAGE_MISSING', { doing, given: path, cause: messageOf(cause) });
  }
  if (!fits(stats)) throw new SandformError('ROOT_UNREADABLE', { doing, given: path, expected });
}

function beginning(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEADER_LENGTH);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}
