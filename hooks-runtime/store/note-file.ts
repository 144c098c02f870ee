import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Static, TSchema } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';

/** A note that fits its schema; undefined where there is none, or what is there can be used by nobody. */
export function readNote<S extends TSchema>(path: string, schema: S): Static<S> | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return mistakesOf(schema, note).length === 0 ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a note as a whole or not at all. */
export function writeNote(path: string, note: object): void {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(note)}\n`);
  renameSync(part, path);
}
