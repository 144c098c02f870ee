import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../lib';

const BLOCK = 4 * 2 ** 20;

/**
 * SHA-256 of a file, in lower-case hexadecimal. A file that was hashed before and has the same path, size, time of change
 * and inode is not read again.
 */
export function fileDigest(path: string): string {
  const before = statSync(path);
  const note = join(cacheFolder(process.env), 'digests', `${createHash('sha256').update(path).digest('hex')}.json`);
  const known = noted(note);
  if (known?.fingerprint === fingerprint(before)) return known.digest;
  const digest = hashed(path);
  // A file that changed while it was read is hashed anew next time.
  if (fingerprint(statSync(path)) === fingerprint(before)) writeAtomically(note, JSON.stringify({ path, fingerprint: fingerprint(before), digest }));
  return digest;
}

/** Writes a file as a whole or not at all, and only where it does not hold this text already. */
export function writeAtomically(path: string, text: string): void {
  if (textOf(path) === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function fingerprint({ size, mtimeMs, ino, dev }: Stats): string {
  return [size, mtimeMs, ino, dev].join(' ');
}

function noted(path: string): { readonly fingerprint: string; readonly digest: string } | undefined {
  try {
    const { fingerprint: print, digest } = JSON.parse(textOf(path) ?? '') as Record<string, unknown>;
    return typeof print === 'string' && typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? { fingerprint: print, digest } : undefined;
  } catch {
    // A note that can't be read is made anew.
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function hashed(path: string): string {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(BLOCK);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, block); length > 0; length = readSync(file, block)) hash.update(block.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
