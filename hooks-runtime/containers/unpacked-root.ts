import { randomBytes } from 'node:crypto';
import { chmod, lchown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { CONTAINER_USERS, type ContainerPart } from '../../lib/spec';
import { type LocalRoot, localRoot } from '../images';
import { isAlive, processIdentity } from '../processes';
import type { ContainerFolders } from './container-folders';
import { directoryEntries } from './directory-entries';
import { writeOciImage } from './oci-layout';
import { RootWriter } from './root-writer';
import { tarEntries } from './tar-entries';
import { verified } from './verified-file';

export interface UnpackOptions {
  /** For messages. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being waited for or fetched, a line for people now and then. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * The root filesystem is unpacked on this host: as a whole, checked against its digest, or not at all. Unpacked once for all containers that
 * are over it.
 * @throws SandformError `IMAGE_MISSING`, `IMAGE_CHANGED`, those of its source, `ROOT_UNSAFE`, `ROOT_TOO_BIG`, `ROOT_UNREADABLE`
 */
export async function unpackRoot(folders: ContainerFolders, { root, userNamespace }: ContainerPart, { doing, signal, onProgress = () => undefined }: UnpackOptions): Promise<string> {
  const target = folders.rootOf(root, { shifted: userNamespace });
  if (await isThere(target)) return target;
  await mkdir(folders.base, { recursive: true, mode: 0o711 });
  await chmod(folders.base, 0o711);
  await mkdir(folders.roots, { recursive: true, mode: 0o700 });
  await removeAbandoned(folders);
  const source = await localRoot(root.digest, { signal, onProgress });
  const part = join(folders.roots, partName());
  try {
    await mkdir(part, { mode: 0o755 });
    const owner = userNamespace ? CONTAINER_USERS.first : 0;
    await lchown(part, owner, owner);
    await write(source, new RootWriter(part, { doing, shifted: userNamespace, signal }), doing);
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    // Another process was faster: its copy is as good.
    if (await isThere(target)) return target;
    // What the store has damaged is fetched anew by the next deploy.
    if (SandformError.is(error) && error.code === 'IMAGE_CHANGED') source.discard();
    throw isFull(error) ? new SandformError('DISK_FULL', { doing, given: folders.roots, cause: error }) : SandformError.from(error, doing);
  }
  return target;
}

async function write(source: LocalRoot, writer: RootWriter, doing: string): Promise<void> {
  if (source.kind === 'oci') return writeOciImage(source, writer, doing);
  if (source.kind === 'directory') {
    for await (const entry of directoryEntries(source, doing)) await writer.write(entry);
    return;
  }
  const tarball = verified(source.path, source.digest, doing);
  for await (const entry of tarEntries(tarball.stream, doing)) await writer.write(entry);
  await tarball.check();
}

/** Who unpacks, so that what a killed process left can be told from what another one is at. */
function partName(): string {
  const { pid, startTime, bootId } = processIdentity(process.pid) ?? { pid: process.pid, startTime: '0', bootId: '' };
  return `.part.${pid}.${startTime}.${bootId}.${randomBytes(4).toString('hex')}`;
}

/** What unpacking processes left that were killed. */
export async function removeAbandoned(folders: ContainerFolders): Promise<void> {
  for (const name of await readdir(folders.roots).catch(() => [])) {
    const [, pid, startTime = '', bootId = ''] = /^\.part\.(\d+)\.(\d+)\.([0-9a-f-]*)\.[0-9a-f]+$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive({ pid: Number(pid), startTime, bootId })) await rm(join(folders.roots, name), { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isFull(error: unknown): boolean {
  const { code } = (SandformError.is(error) ? (error.cause ?? {}) : error) as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
