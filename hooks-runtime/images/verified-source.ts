import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { SandformError, messageOf } from '../../lib/errors';
import type { ImageFile } from '../../lib/images';

const PIECE = 1024 * 1024;

/**
 * The bytes of an image's file, hashed as they pass: reading it to the end fails unless they are those of its digest.
 * Never more bytes than the image has, whatever happens to the file meanwhile.
 * @throws SandformError `IMAGE_MISSING`; reading: `IMAGE_CHANGED`
 */
export async function verifiedSource(image: ImageFile): Promise<Readable> {
  const doing = `reading image ${image.digest.slice(0, 12)}`;
  // One that was converted is named by what it was made from.
  const expected = image.content ?? image.digest;
  const file = await open(image.file, 'r').catch((error: unknown) => {
    throw new SandformError('IMAGE_MISSING', { doing, given: `${image.file}: ${messageOf(error)}`, fix: 'put the file back and run synth again; a guest is built by `npx sandform guest build NAME`', cause: error });
  });
  return Readable.from(pieces(), { objectMode: false, highWaterMark: PIECE });

  async function* pieces(): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    try {
      let bytes = 0;
      for await (const piece of file.createReadStream({ autoClose: false, highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > image.size) throw changed(`more than ${image.size} bytes`);
        hash.update(piece);
        yield piece;
      }
      const digest = hash.digest('hex');
      if (digest !== expected) throw changed(`${bytes} bytes with SHA-256 ${digest}`);
    } finally {
      await file.close();
    }
  }

  function changed(given: string): SandformError {
    return new SandformError('IMAGE_CHANGED', { doing, given: `${image.file}: ${given}`, expected: `${image.size} bytes with SHA-256 ${expected}` });
  }
}
