/**
 * Passes a zstd stream on and fails at its end where it was cut: Node's own decoder takes what is there for all that there is.
 * Source: RFC 8878, 3.1.
 */
export async function* wholeZstd(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frames = framesOf();
  let { value: wanted } = frames.next();
  let pending = Buffer.alloc(0);
  for await (const piece of pieces) {
    let at = 0;
    while (wanted !== undefined && at < piece.length) {
      const taken = Math.min(wanted.bytes - wanted.got, piece.length - at);
      if (!wanted.skipped) pending = Buffer.concat([pending, piece.subarray(at, at + taken)]);
      at += taken;
      wanted.got += taken;
      if (wanted.got < wanted.bytes) break;
      ({ value: wanted } = frames.next(pending));
      pending = Buffer.alloc(0);
    }
    yield piece;
  }
  if (wanted?.isEnd !== true || wanted.got > 0) throw new Error('zstd: the end is missing');
}

interface Wanted {
  readonly bytes: number;
  /** Whether nobody looks at them. */
  readonly skipped: boolean;
  /** Whether the stream may end before them. */
  readonly isEnd: boolean;
  got: number;
}

const want = (bytes: number, { skipped = false, isEnd = false } = {}): Wanted => ({ bytes, skipped, isEnd, got: 0 });
const FRAME = 0xfd2fb528;
const [SKIPPABLE_FROM, SKIPPABLE_TO] = [0x184d2a50, 0x184d2a5f];
const CHECKSUM = 4;
const REPEATED_BYTE = 1;

/** Asks for the bytes that tell where frames end. */
function* framesOf(): Generator<Wanted, undefined, Buffer> {
  for (let isEnd = false; ; isEnd = true) {
    const magic = (yield want(4, { isEnd })).readUInt32LE();
    if (magic >= SKIPPABLE_FROM && magic <= SKIPPABLE_TO) yield* skip((yield want(4)).readUInt32LE());
    else if (magic === FRAME) yield* frame();
    // What is no frame is the decoder's to refuse.
    else return undefined;
  }
}

function* frame(): Generator<Wanted, void, Buffer> {
  const descriptor = (yield want(1)).readUInt8();
  const isOneSegment = (descriptor & 0x20) !== 0;
  const sizeOfSize = [isOneSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeOfDictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  yield* skip((isOneSegment ? 0 : 1) + sizeOfDictionary + sizeOfSize);
  for (let isLast = false; !isLast; ) {
    const header = (yield want(3)).readUIntLE(0, 3);
    isLast = (header & 1) === 1;
    yield* skip(((header >> 1) & 3) === 1 ? REPEATED_BYTE : header >> 3);
  }
  if ((descriptor & 4) !== 0) yield* skip(CHECKSUM);
}

function* skip(bytes: number): Generator<Wanted, void, Buffer> {
  if (bytes > 0) yield want(bytes, { skipped: true });
}
