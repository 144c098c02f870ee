import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SandformError } from '../../lib/errors';
import { fileError, localFileError } from './file-error';
import type { DownloadSummary, GuestFileEntry } from './files';
import type { GuestTree } from './guest-tree';

export interface DownloadLimits {
  /** For messages. */
  readonly doing: string;
  /** Bytes of all files together. */
  readonly maxSize: number;
}

const MOST_ENTRIES = 100_000;
const DEEPEST = 100;
const MOST_SKIPPED = 1000;

/**
 * Copies a file or folder of the guest to a path of the host, whole or not at all: into a place beside it first.
 * What the guest names is taken as a name only where it can be nothing else.
 */
export async function download(tree: GuestTree, guestPath: string, localPath: string, limits: DownloadLimits): Promise<DownloadSummary> {
  const target = resolve(localPath);
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
  const { type } = await tree.stat(guestPath);
  if (type === 'directory') await refuseExisting(target, limits.doing);
  const copy = new Download(tree, limits);
  try {
    if (type === 'directory') await copy.folder(guestPath, beside, 0);
    else await copy.file(guestPath, beside);
    await rename(beside, target);
    return copy.summary();
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw localFileError(limits.doing, localPath, error);
  }
}

async function refuseExisting(target: string, doing: string): Promise<void> {
  const there = await stat(target).catch(() => undefined);
  if (there) throw fileError(doing, 'exists', `on this machine: ${target} is there already`);
}

class Download {
  private files = 0;
  private bytes = 0;
  private entries = 0;
  private readonly skipped: string[] = [];

  constructor(
    private readonly tree: GuestTree,
    private readonly limits: DownloadLimits,
  ) {}

  summary(): DownloadSummary {
    return { files: this.files, bytes: this.bytes, skipped: this.skipped };
  }

  async folder(from: string, to: string, depth: number): Promise<void> {
    if (depth > DEEPEST) throw this.tooBig(`folders ${depth} deep`);
    await mkdir(to, { mode: 0o700 });
    for (const entry of await this.tree.list(from)) {
      this.entries += 1;
      if (this.entries > MOST_ENTRIES) throw this.tooBig(`more than ${MOST_ENTRIES} entries`);
      const path = `${from.replace(/\/+$/, '')}/${entry.name}`;
      if (!isPlainName(entry)) this.skip(path);
      else if (entry.type === 'directory') await this.folder(path, join(to, entry.name), depth + 1);
      else if (entry.type === 'file') await this.orSkip(path, () => this.file(path, join(to, entry.name)));
      else this.skip(path);
    }
  }

  async file(from: string, to: string): Promise<void> {
    // Fails where something is there, link or not: a guest that lists a name twice gets the first one
    const local = await open(to, 'wx', 0o600);
    try {
      for await (const chunk of this.tree.read(from)) {
        this.bytes += chunk.length;
        if (this.bytes > this.limits.maxSize) throw this.tooBig(`more than ${this.limits.maxSize} bytes`);
        await local.writeFile(chunk);
      }
      this.files += 1;
    } finally {
      await local.close();
    }
  }

  /** One file that went away or can't be read must not lose all the others. */
  private async orSkip(path: string, copy: () => Promise<void>): Promise<void> {
    try {
      await copy();
    } catch (error) {
      if (!SandformError.is(error) || error.code !== 'GUEST_FILE' || error.details['reason'] === 'too-big') throw error;
      this.skip(path);
    }
  }

  private skip(path: string): void {
    if (this.skipped.length < MOST_SKIPPED) this.skipped.push(path);
  }

  private tooBig(given: string): SandformError {
    return fileError(this.limits.doing, 'too-big', given);
  }
}

function isPlainName({ name }: GuestFileEntry): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name) && Buffer.byteLength(name) <= 255;
}
