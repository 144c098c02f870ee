import { execFile } from 'node:child_process';
import { chmod, lchown, lstat, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CONTAINER_USERS, type ContainerPart } from '../../lib/spec';
import type { ContainerFolders } from './container-folders';
import type { LocalDaemon } from './local-daemon';

export interface OverlayOptions {
  /** libvirt's name of the domain. */
  readonly domain: string;
  readonly container: ContainerPart;
  /** What the container's /etc/resolv.conf says from the start; as its root filesystem has it where undefined. */
  readonly nameServer?: string | undefined;
}

/**
 * A container's root is mounted where its libvirt daemon sees it: copy-on-write over the unpacked root filesystem. Fine where it is there.
 * Without device nodes; without a user namespace also without set-user-ID programs, which would be the host's.
 */
export async function mountOverlay(folders: ContainerFolders, daemon: LocalDaemon, { domain, container, nameServer }: OverlayOptions): Promise<string> {
  const target = folders.mountOf(domain);
  if (daemon.mountPoints().includes(target)) return target;
  const lower = folders.rootOf(container.root, { shifted: container.userNamespace });
  const [upper, work] = ['upper', 'work'].map((name) => join(folders.layerOf(domain), name)) as [string, string];
  await mkdir(folders.layers, { recursive: true, mode: 0o700 });
  await mkdir(folders.mounts, { recursive: true, mode: 0o711 });
  const isNew = (await mkdir(upper, { recursive: true })) !== undefined;
  await mkdir(work, { recursive: true });
  await mkdir(target, { recursive: true });
  if (isNew) await likeBelow(lower, upper);
  if (isNew && nameServer !== undefined) await writeNameServer(lower, upper, nameServer, container.userNamespace ? CONTAINER_USERS.first : 0);
  const options = ['nodev', ...(container.userNamespace ? [] : ['nosuid']), `lowerdir=${escaped(lower)}`, `upperdir=${escaped(upper)}`, `workdir=${escaped(work)}`];
  await daemon.run('mount', '-t', 'overlay', '-o', options.join(','), 'sandform', target);
  return target;
}

/** Nothing is left of a container's root. Fine where nothing is. */
export async function removeOverlay(folders: ContainerFolders, daemon: LocalDaemon, domain: string): Promise<void> {
  const target = folders.mountOf(domain);
  // Two that mount at once mount twice.
  while (daemon.mountPoints().includes(target)) await daemon.run('umount', '--lazy', target);
  await rmdir(target).catch(ignoreMissing);
  // Folders that a container nested without end have paths that only this program gets along with; it never follows links.
  await promisify(execFile)('rm', ['-rf', '--one-file-system', '--', folders.layerOf(domain)]);
}

/** Removes unpacked root filesystems that are not in use, and gives their names. */
export async function unusedRoots(folders: ContainerFolders, used: readonly ContainerPart[]): Promise<string[]> {
  const wanted = new Set(used.map(({ root, userNamespace }) => folders.rootOf(root, { shifted: userNamespace })));
  const all = await readdir(folders.roots).catch(() => []);
  return all.filter((name) => !name.startsWith('.part.') && !wanted.has(join(folders.roots, name)));
}

async function likeBelow(lower: string, upper: string): Promise<void> {
  const { uid, gid, mode } = await lstat(lower);
  await lchown(upper, uid, gid);
  await chmod(upper, mode & 0o7777);
}

/** In the container's own layer, which nobody but us has seen, and only where /etc is a folder: a link of a hostile root filesystem leads anywhere. */
async function writeNameServer(lower: string, upper: string, nameServer: string, owner: number): Promise<void> {
  const below = await lstat(join(lower, 'etc')).catch(() => undefined);
  if (!below?.isDirectory()) return;
  await mkdir(join(upper, 'etc'));
  await likeBelow(join(lower, 'etc'), join(upper, 'etc'));
  const file = join(upper, 'etc', 'resolv.conf');
  await writeFile(file, `nameserver ${nameServer}\n`, { flag: 'wx', mode: 0o644 });
  await lchown(file, owner, owner);
}

/** Commas and colons mean something to mount and to overlayfs. */
function escaped(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&');
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
