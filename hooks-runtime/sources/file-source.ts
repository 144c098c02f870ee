import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import type { FileSource, PublishedBytes, SourceVersion } from '../../lib/images';
import type { ClientContext, FoundImage, SourceClient } from './source-client';

/** A file of this machine. A version is its size and when it was changed. */
export class FileSourceClient implements SourceClient {
  constructor(
    private readonly source: FileSource,
    private readonly context: ClientContext,
  ) {}

  async resolve(): Promise<FoundImage> {
    const { size, mtimeMs } = await this.#stat();
    return { version: { changed: String(mtimeMs), size: String(size) }, size };
  }

  async read(version: SourceVersion, { offset }: { offset: number }): Promise<PublishedBytes | undefined> {
    const { size, mtimeMs } = await this.#stat();
    if (version['changed'] !== String(mtimeMs) || version['size'] !== String(size)) return undefined;
    return { offset, bytes: createReadStream(this.#path, { start: offset, highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer> };
  }

  get #path(): string {
    return resolve(this.context.project, this.source.path);
  }

  async #stat(): Promise<{ size: number; mtimeMs: number }> {
    try {
      const { size, mtimeMs } = await stat(this.#path);
      return { size, mtimeMs };
    } catch (cause) {
      throw new SandformError('IMAGE_MISSING', { doing: this.context.doing, given: messageOf(cause), cause });
    }
  }
}
