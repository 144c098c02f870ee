import { randomBytes } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { wholeZstd } from '../../../lib/images';

const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

async function passes(bytes: Buffer, piece: number): Promise<boolean> {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  const out: Buffer[] = [];
  try {
    for await (const chunk of wholeZstd(pieces())) out.push(chunk);
  } catch {
    return false;
  }
  expect(Buffer.concat(out).equals(bytes)).toBe(true);
  return true;
}

it.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['a few bytes', Buffer.from('a few bytes')],
  ['one byte again and again', Buffer.alloc(300_000, 7)],
  ['what can be compressed', Buffer.from('abc'.repeat(100_000))],
  ["what can't", randomBytes(300_000)],
])('a zstd stream of %s counts as whole with all of its frames, and as cut without its end, however it comes', async (_what, content) => {
  for (const checksum of [0, 1]) {
    const frame = zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: checksum } });
    for (const stream of [frame, Buffer.concat([frame, SKIPPABLE, frame]), Buffer.concat([frame, SKIPPABLE])]) {
      // Byte by byte where there are few, so that every part of a frame is cut in two.
      for (const piece of [Math.ceil(stream.length / 3000), 4096, stream.length]) {
        const cuts = [1, 2, 3, Math.floor(frame.length / 2)].filter((cut) => cut < frame.length).map((cut) => passes(stream.subarray(0, -cut), piece));
        expect([await passes(stream, piece), ...(await Promise.all(cuts))]).toEqual([true, ...cuts.map(() => false)]);
      }
    }
  }
});
