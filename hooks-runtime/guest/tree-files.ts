import { Readable } from 'node:stream';
import { SandformError } from '../../lib/errors';
import { Duration, Size } from '../../lib/units';
import { bytesOf } from './bytes';
import { download } from './download';
import { fileError } from './file-error';
import type { DownloadOptions, DownloadSummary, FileOptions, Files, GuestFileEntry, GuestFileStat, ReadOptions, WriteOptions } from './files';
import type { GuestTree } from './guest-tree';
import { upload } from './upload';

/** What one operation on files is bound by. */
export interface FileTask {
  /** For messages. */
  readonly doing: string;
  /** Milliseconds that one answer of the guest may take. */
  readonly idleTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** A guest's files within one operation, and its removal of them. */
export interface GuestFileSystem extends GuestTree {
  remove(path: string, recursive: boolean): Promise<void>;
}

/** {@link Files} over whatever a channel offers. */
export class TreeFiles implements Files {
  /**
   * @param address for messages
   * @param open gives the guest's files for one operation
   */
  constructor(
    private readonly address: string,
    private readonly open: (task: FileTask) => Promise<GuestFileSystem>,
  ) {}

  async read(path: string, { maxSize = '64MiB', ...options }: ReadOptions = {}): Promise<Buffer> {
    const { tree, doing } = await this.begin('reading', path, options);
    const limit = Size.parse(maxSize, doing).bytes;
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of tree.read(path)) {
      length += chunk.length;
      if (length > limit) throw fileError(doing, 'too-big', `more than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length);
  }

  async write(path: string, data: string | Uint8Array | Readable, { mode = 0o644, ...options }: WriteOptions = {}): Promise<void> {
    const { tree } = await this.begin('writing', path, options);
    await tree.write(path, data instanceof Readable ? chunksOf(data) : [bytesOf(data)], mode);
  }

  async upload(localPath: string, guestPath: string, options: FileOptions = {}): Promise<void> {
    const { tree, doing } = await this.begin('uploading to', guestPath, options);
    await upload(tree, localPath, guestPath, doing);
  }

  async download(guestPath: string, localPath: string, { maxSize = '1GiB', ...options }: DownloadOptions = {}): Promise<DownloadSummary> {
    const { tree, doing } = await this.begin('downloading', guestPath, options);
    return download(tree, guestPath, localPath, { doing, maxSize: Size.parse(maxSize, doing).bytes });
  }

  async list(path: string, options: FileOptions = {}): Promise<GuestFileEntry[]> {
    const { tree } = await this.begin('listing', path, options);
    return (await tree.list(path)).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  async stat(path: string, options: FileOptions = {}): Promise<GuestFileStat> {
    const { tree } = await this.begin('looking at', path, options);
    return tree.stat(path);
  }

  async remove(path: string, { recursive = false, ...options }: FileOptions & { readonly recursive?: boolean } = {}): Promise<void> {
    const { tree } = await this.begin('removing', path, options);
    await tree.remove(path, recursive);
  }

  async mkdir(path: string, options: FileOptions = {}): Promise<void> {
    const { tree } = await this.begin('making folder', path, options);
    await tree.mkdir(path);
  }

  private async begin(verb: string, path: string, { idleTimeout = '1m', signal }: FileOptions): Promise<{ tree: GuestFileSystem; doing: string }> {
    const doing = `${this.address}: ${verb} ${path} in the guest`;
    if (path === '' || path.includes('\0')) throw new SandformError('USAGE', { doing, given: path, expected: 'a path in the guest, without zero bytes' });
    const tree = await this.open({ doing, signal, idleTimeout: Duration.parse(idleTimeout, doing).timerMilliseconds });
    return { tree, doing };
  }
}

async function* chunksOf(source: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of source as AsyncIterable<Uint8Array | string>) yield bytesOf(chunk);
}
