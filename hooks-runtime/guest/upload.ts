import { createReadStream } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { localFileError } from './file-error';
import type { GuestTree } from './guest-tree';

/** Copies a file or folder of the host to a path in the guest. Links below the path stay links; sockets and devices are left out. */
export async function upload(tree: GuestTree, localPath: string, guestPath: string, doing: string): Promise<void> {
  try {
    const { mode, isFolder } = await stat(localPath).then((found) => ({ mode: found.mode, isFolder: found.isDirectory() }));
    if (isFolder) await folder(tree, localPath, guestPath);
    else await file(tree, localPath, guestPath, mode);
  } catch (error) {
    throw localFileError(doing, localPath, error);
  }
}

async function folder(tree: GuestTree, from: string, to: string): Promise<void> {
  await tree.mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = `${to.replace(/\/+$/, '')}/${entry.name}`;
    if (entry.isDirectory()) await folder(tree, source, target);
    else if (entry.isSymbolicLink()) await tree.symlink(await readlink(source), target);
    else if (entry.isFile()) await file(tree, source, target, (await stat(source)).mode);
  }
}

async function file(tree: GuestTree, from: string, to: string, mode: number): Promise<void> {
  await tree.write(to, createReadStream(from, { highWaterMark: 2 ** 18 }) as AsyncIterable<Uint8Array>, mode & 0o777);
}
