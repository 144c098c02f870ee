import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import { IMAGE_LOCK_FILE, IMAGE_LOCK_VERSION, ImageLock, imageLockText } from '../../lib/images';
import { parsed } from '../../lib/spec';

/**
 * The lock of a project; an empty one where it has none.
 * @throws SandformError `IMAGE_LOCK_INVALID`
 */
export function readProjectLock(project: string): ImageLock {
  const file = join(project, IMAGE_LOCK_FILE);
  const doing = `reading ${file}`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { schemaVersion: IMAGE_LOCK_VERSION, sources: {} };
    throw new SandformError('IMAGE_LOCK_INVALID', { doing, given: messageOf(error), cause: error });
  }
  return parsed(ImageLock, json(text, doing), 'IMAGE_LOCK_INVALID', doing);
}

/** Writes it as a whole or not at all, and not where it would stay the same. @returns whether it has changed */
export function writeProjectLock(project: string, lock: ImageLock): boolean {
  const file = join(project, IMAGE_LOCK_FILE);
  const text = imageLockText(lock);
  if (textOf(file) === text) return false;
  writeFileSync(`${file}.${process.pid}.part`, text);
  renameSync(`${file}.${process.pid}.part`, file);
  return true;
}

function json(text: string, doing: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SandformError('IMAGE_LOCK_INVALID', { doing, given: messageOf(cause), cause });
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
