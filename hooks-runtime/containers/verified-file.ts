import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { SandformError, messageOf } from '../../lib/errors';

/** A file's bytes, and whether they were the right ones: asked once they have been used, before what was made of them is. */
export function verified(file: string, digest: string, doing: string): { readonly stream: Readable; check(): Promise<void> } {
  const hash = createHash('sha256');
  let read = 0;
  return {
    stream: Readable.from(pieces(), { objectMode: false }),
    async check() {
      // What a reader left over, such as zeros behind the end of an archive, belongs to it as well.
      for await (const piece of createReadStream(file, { start: read, highWaterMark: PIECE }) as AsyncIterable<Buffer>) hash.update(piece);
      const found = hash.digest('hex');
      if (found !== digest) throw new SandformError('IMAGE_CHANGED', { doing, given: `${file}, which has SHA-256 ${found}`, expected: `SHA-256 ${digest}` });
    },
  };

  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of createReadStream(file, { highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
        hash.update(piece);
        read += piece.length;
        yield piece;
      }
    } catch (cause) {
      throw new SandformError('IMAGE_MISSING', { doing, given: `${file}: ${messageOf(cause)}`, cause });
    }
  }
}

const PIECE = 2 ** 20;
