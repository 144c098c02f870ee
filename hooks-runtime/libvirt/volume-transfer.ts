import type { Readable } from 'node:stream';
import type { VolumeIdentity } from './native/storage-calls';
import type { StreamHandle, VolumeRange } from './native/stream-calls';
import type { Session } from './session';
import type { UploadOptions } from './storage-volume';
import { LONG_CALL_MS } from './threads/call-threads';

/** Sends a stream's bytes into a volume, one piece at a time; how many there were. */
export async function uploaded(session: Session, { pool, name }: VolumeIdentity, source: Readable, doing: string, options: UploadOptions): Promise<number> {
  const { sparse = false, offset = 0, length = 0, onProgress, signal } = options;
  // It may fail before it is read, which is when its error is heard.
  source.on('error', () => undefined);
  const unclaimed = (handle: StreamHandle) => abort(session, handle, doing);
  const handle = await session.threads.run('uploadOpen', { doing, unclaimed }, { poolUuid: pool.uuid, name, offset, length }, sparse);
  let bytes = 0;
  try {
    for await (const piece of source as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      // A tight copy: what crosses threads takes its whole backing store along.
      await session.threads.run('streamSend', { doing, deadline: LONG_CALL_MS }, handle, new Uint8Array(piece), sparse);
      bytes += piece.length;
      onProgress?.(bytes);
    }
    signal?.throwIfAborted();
  } catch (error) {
    abort(session, handle, doing);
    throw error;
  }
  await session.threads.run('streamFinish', { doing, deadline: LONG_CALL_MS }, handle);
  return bytes;
}

/**
 * The bytes of a volume. They are asked for in segments, because libvirt's client takes in what the daemon sends however
 * slowly it is read: a segment is what may pile up.
 */
export async function* downloaded(session: Session, { pool, name }: VolumeIdentity, doing: string, offset: number, length = Infinity): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; ) {
    const wanted = Math.min(SEGMENT, length - done);
    let got = 0;
    for await (const piece of segment(session, { poolUuid: pool.uuid, name, offset: offset + done, length: wanted }, doing)) {
      got += piece.length;
      yield piece;
    }
    done += got;
    if (got < wanted) return;
  }
}

async function* segment(session: Session, range: VolumeRange, doing: string): AsyncGenerator<Buffer> {
  const unclaimed = (handle: StreamHandle) => abort(session, handle, doing);
  const handle = await session.threads.run('downloadOpen', { doing, unclaimed }, range);
  let finished = false;
  try {
    for (;;) {
      const piece = await session.threads.run('streamReceive', { doing, deadline: LONG_CALL_MS }, handle, PIECE);
      if (piece.length === 0) break;
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    }
    finished = true;
    await session.threads.run('streamFinish', { doing }, handle);
  } finally {
    if (!finished) abort(session, handle, doing);
  }
}

function abort(session: Session, handle: StreamHandle, doing: string): void {
  session.cleanUp(() => session.threads.run('streamAbort', { doing, cleanup: true }, handle));
}

const SEGMENT = 32 * 1024 * 1024;
const PIECE = 1024 * 1024;
