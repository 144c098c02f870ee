import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';

/** What is known of a domain whose driver keeps no metadata, as VirtualBox's: a file of the user who deployed it, on that machine. */
const Note = Type.Object({
  /** libvirt's URI of its driver. */
  uri: Type.String(),
  /** libvirt's name of it. */
  domain: Type.String(),
  /** As it would stand in metadata. */
  identity: Type.String(),
  conduct: Type.Optional(Type.String()),
});
export type DomainNote = Static<typeof Note>;

/** The note of a domain; undefined where there is none. */
export async function noted(uuid: string): Promise<DomainNote | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(uuid), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parsedNote(text) ?? { uri: '', domain: '', identity: text };
}

/** Undefined for what is none; whoever takes its text for a description is told that it is broken. */
function parsedNote(text: string): DomainNote | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return mistakesOf(Note, read).length === 0 ? (read as DomainNote) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes it, whole or not at all. */
export async function note(uuid: string, given: DomainNote, attempts = 3): Promise<void> {
  const file = fileOf(uuid);
  const part = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder(), { recursive: true, mode: 0o700 });
    await writeFile(part, JSON.stringify(given), { mode: 0o600 });
    await rename(part, file);
  } catch (error) {
    // Whoever forgot the last note meanwhile took the folder away.
    if (attempts <= 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await note(uuid, given, attempts - 1);
  } finally {
    await rm(part, { force: true });
  }
}

/** Fine where there is none. The folder goes with the last one. */
export async function forget(uuid: string): Promise<void> {
  await rm(fileOf(uuid), { force: true });
  await rmdir(folder()).catch(ignoreInUse);
}

/** UUIDs of all domains that notes were taken of. */
export async function allNoted(): Promise<string[]> {
  try {
    return (await readdir(folder())).flatMap((name) => /^([0-9a-f-]{36})\.json$/.exec(name)?.[1] ?? []);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function fileOf(uuid: string): string {
  return join(folder(), `${uuid}.json`);
}

function folder(): string {
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'sandform', 'domains');
}

function ignoreInUse(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
