import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { SandformError, messageOf } from '../../lib/errors';
import { type Compression, HEADER_LENGTH, wholeZstd } from '../../lib/images';
import { diskFull, isDiskFull } from './disk-room';
import type { DiskMaking } from './make-disk';

/** Zeros of a disk are left out in pieces of this size. */
const BLOCK = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK);
/** Memory that the decompression of a hostile file may take. */
const MOST_MEMORY = 512 * 2 ** 20;

/**
 * Unpacks a file; pieces of zeros become holes. Never writes more bytes than are allowed, whatever the file promises.
 * @returns size and SHA-256 of what came out
 * @throws SandformError `IMAGE_CONVERSION`, `IMAGE_TOO_LARGE`, `DISK_FULL`
 */
export async function unpacked(from: string, to: string, compression: Compression, { doing, limit, signal }: DiskMaking): Promise<{ readonly size: number; readonly digest: string }> {
  await using file = await open(to, 'w');
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of decompressed(from, compression, signal)) {
      size += piece.length;
      if (size > limit) throw new SandformError('IMAGE_TOO_LARGE', { doing, given: `more than ${limit} bytes when unpacked`, expected: `at most ${limit} bytes` });
      hash.update(piece);
      await writeWithHoles(file, piece, size - piece.length);
    }
    await file.truncate(size);
    return { size, digest: hash.digest('hex') };
  } catch (error) {
    if (SandformError.is(error)) throw error;
    signal.throwIfAborted();
    throw isDiskFull(error) ? diskFull(doing, error) : new SandformError('IMAGE_CONVERSION', { doing, given: `unpacking (${compression}) failed: ${messageOf(error)}`, cause: error });
  }
}

/** The first bytes of what comes out of a file when it is unpacked. @throws what its decoder says */
export async function unpackedHead(from: string, compression: Compression, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of decompressed(from, compression, signal)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= HEADER_LENGTH) break;
  }
  return Buffer.concat(pieces).subarray(0, HEADER_LENGTH);
}

async function writeWithHoles(file: Awaited<ReturnType<typeof open>>, piece: Buffer, at: number): Promise<void> {
  for (let from = 0; from < piece.length; from += BLOCK) {
    const block = piece.subarray(from, from + BLOCK);
    if (block.equals(ZEROS.subarray(0, block.length))) continue;
    for (let written = 0; written < block.length; ) written += (await file.write(block, written, block.length - written, at + from + written)).bytesWritten;
  }
}

async function* decompressed(from: string, compression: Compression, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (compression === 'xz') {
    yield* throughXz(from, signal);
    return;
  }
  const file = createReadStream(from, { highWaterMark: 2 ** 20 });
  const source: Readable = compression === 'zst' ? Readable.from(wholeZstd(file as AsyncIterable<Buffer>), { objectMode: false }) : file;
  const unpacker = compression === 'gz' ? createGunzip({ chunkSize: 2 ** 20 }) : createZstdDecompress({ chunkSize: 2 ** 20 });
  source.on('error', (error) => unpacker.destroy(error));
  try {
    yield* source.pipe(unpacker) as AsyncIterable<Buffer>;
  } finally {
    source.destroy();
    file.destroy();
    unpacker.destroy();
  }
}

/** Node has no xz; its own program is on every system, and holds to a bound of memory. */
async function* throughXz(from: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const child = spawn('xz', ['--decompress', '--stdout', `--memlimit-decompress=${MOST_MEMORY}`, '--', from], { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told = (told + text).slice(0, 2000)));
  const end = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  end.catch(() => undefined);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const code = await end;
    if (code !== 0) throw new Error(told.trim() || `xz ended with ${code}`);
  } finally {
    child.kill('SIGKILL');
  }
}
