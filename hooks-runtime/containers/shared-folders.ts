import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SandformError, messageOf } from '../../lib/errors';
import { hypervisorUri } from '../../lib/naming';
import { type Static, Type } from '../../lib/schema';
import { CONTAINER_USERS, mistakesOf } from '../../lib/spec';
import { SandformPool } from '../images';
import type { LibvirtConnection } from '../libvirt';
import { containerFolders } from './container';
import { ContainerFolders } from './container-folders';
import { LocalDaemon } from './local-daemon';

const Path = Type.String({ pattern: '^/' });
/** What was made for a stack: each folder, and the topmost one that was made on the way to it. */
const Note = Type.Object({ folders: Type.Array(Type.Object({ path: Path, topmost: Path }, { additionalProperties: false })) }, { additionalProperties: false });
type Note = Static<typeof Note>;

/** Folders of the host that were made for one stack, whose containers see them. */
export interface SharedFolders {
  readonly stack: string;
  readonly paths: readonly string[];
}

/**
 * Makes folders of the host for the containers of one stack, whose root may write there; each bears the stack's name. They are noted first, so that whoever reaps
 * finds what a killed process has left.
 * @throws SandformError `CONTAINER_HOST`, `CONTAINER_FAILED`
 */
export async function makeSharedFolders(connection: LibvirtConnection, stack: string, paths: readonly string[]): Promise<void> {
  const doing = `making folders for stack '${stack}'`;
  LocalDaemon.find(hypervisorUri(connection.uri, 'lxc') ?? connection.uri, doing);
  const { base, shared } = await containerFolders(connection);
  const note = join(shared, noteName(stack));
  await mkdir(base, { recursive: true, mode: 0o711 });
  await mkdir(shared, { recursive: true, mode: 0o700 });
  try {
    // What is noted is removed in the end, so it must be ours from its beginning.
    for (const path of paths) if (await isThere(path)) throw new SandformError('CONTAINER_FAILED', { doing, given: `${path}, which is there already`, expected: 'a folder that can be made', fix: 'run it again, or choose another place' });
    const folders = await Promise.all(paths.map(async (path) => ({ path, topmost: (await topmostMissing(dirname(path))) ?? path })));
    await writeFile(note, JSON.stringify({ folders } satisfies Note));
    for (const path of paths) {
      await mkdir(dirname(path), { recursive: true });
      await mkdir(path);
      await chown(path, CONTAINER_USERS.first, CONTAINER_USERS.first);
      await assertPassable(dirname(path), doing);
    }
  } catch (error) {
    throw SandformError.is(error) ? error : new SandformError('CONTAINER_FAILED', { doing, given: messageOf(error), expected: 'folders that can be made', fix: 'correct their path', cause: error });
  }
}

/** The folders that were made for a stack are gone, with all that is in them. Fine where none are. */
export async function removeSharedFolders(connection: LibvirtConnection, stack: string): Promise<void> {
  const pool = await SandformPool.find(connection);
  if (pool === undefined) return;
  const file = join(new ContainerFolders(await pool.path()).shared, noteName(stack));
  const note = await readNote(file, stack);
  for (const { path, topmost } of note?.folders ?? []) {
    // As with the layers of containers: it gets along with any depth, and never follows links.
    await promisify(execFile)('rm', ['-rf', '--one-file-system', '--', path]);
    for (let parent = dirname(path); path !== topmost && `${parent}/`.startsWith(`${topmost}/`); parent = dirname(parent)) await rmdir(parent).catch(ignoreInUse);
  }
  await rm(file, { force: true });
}

/** All of a host. */
export async function listSharedFolders(folders: ContainerFolders): Promise<SharedFolders[]> {
  const files = await readdir(folders.shared).catch(() => []);
  const stacks = files.map((name) => basename(name, '.json'));
  return Promise.all(stacks.map(async (stack) => ({ stack, paths: ((await readNote(join(folders.shared, noteName(stack)), stack))?.folders ?? []).map(({ path }) => path) })));
}

function noteName(stack: string): string {
  return `${stack}.json`;
}

/** Undefined where there is none that can be believed: a folder that does not bear the stack's name is none of ours. */
async function readNote(file: string, stack: string): Promise<Note | undefined> {
  let note: unknown;
  try {
    note = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // Gone, or of a process that was killed as it wrote: then nothing was made yet.
    return undefined;
  }
  return mistakesOf(Note, note).length === 0 && (note as Note).folders.every(({ path }) => basename(path) === stack) ? (note as Note) : undefined;
}

/** The users of a container are nobody on the host, and libvirt tells them of no folder that they may not pass but that it is missing. */
async function assertPassable(folder: string, doing: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) throw new SandformError('CONTAINER_FAILED', { doing, given: `${folder}, which only its owner and group may enter`, expected: 'folders that users of a container may pass', fix: `choose another place, or \`chmod o+x ${folder}\`` });
  if (folder !== '/') await assertPassable(dirname(folder), doing);
}

/** The topmost folder that must be made so that this one is there. */
async function topmostMissing(folder: string): Promise<string | undefined> {
  return (await isThere(folder)) ? undefined : ((await topmostMissing(dirname(folder))) ?? folder);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

function ignoreInUse(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
