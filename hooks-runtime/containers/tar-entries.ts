import { spawn } from 'node:child_process';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { SandformError } from '../../lib/errors';
import { compressionOf, wholeZstd } from '../../lib/images';
import type { RootEntry } from './root-entry';

/** The entries of a tarball, compressed or not, one after the other. @throws SandformError `ROOT_UNREADABLE` */
export async function* tarEntries(source: Readable, doing: string): AsyncGenerator<RootEntry> {
  const tar = extract();
  const failed = (error: unknown) => tar.destroy(unreadable(doing, error));
  try {
    const [first, whole] = await beginning(source);
    const unpacked = decompressed(first, whole, failed);
    unpacked.on('error', failed);
    unpacked.pipe(tar);
    for await (const entry of tar) {
      // Through an iterator: an entry that is cut off would leave a pipeline waiting for ever.
      yield rootEntry(entry.header, Readable.from(content(entry as unknown as AsyncIterable<Buffer>, doing), { objectMode: false }));
      entry.resume();
    }
  } catch (error) {
    throw SandformError.is(error) ? error : unreadable(doing, error);
  } finally {
    tar.destroy();
    source.destroy();
  }
}

async function* content(entry: AsyncIterable<Buffer>, doing: string): AsyncGenerator<Buffer> {
  try {
    yield* entry;
  } catch (error) {
    throw unreadable(doing, error);
  }
}

function unreadable(doing: string, cause: unknown): SandformError {
  return SandformError.is(cause) ? cause : new SandformError('ROOT_UNREADABLE', { doing, given: cause instanceof Error ? cause.message : String(cause), cause });
}

const TYPES: Readonly<Partial<Record<string, RootEntry['type']>>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'link',
  'character-device': 'device',
  'block-device': 'device',
  fifo: 'pipe',
};

function rootEntry({ name, type, mode, uid, gid, mtime, size, linkname }: Header, content: Readable): RootEntry {
  // What is none of these is left out like a pipe.
  return { path: name, type: TYPES[type] ?? 'pipe', mode, uid, gid, modified: mtime.getTime(), size, target: linkname, content };
}

/** The first bytes of a stream, and all of it again. */
async function beginning(source: Readable): Promise<[Buffer, Readable]> {
  const pieces = source[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  let first = Buffer.alloc(0);
  while (first.length < 6) {
    const next = await pieces.next();
    if (next.done === true) break;
    first = Buffer.concat([first, next.value]);
  }
  return [first, Readable.from(all(), { objectMode: false })];

  async function* all(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
}

/** By what it begins with, whatever its name. */
function decompressed(first: Buffer, source: Readable, failed: (error: unknown) => void): Readable {
  const through = (input: Readable, transform: Transform) => input.on('error', failed).pipe(transform);
  switch (compressionOf(first)) {
    case 'gz':
      return through(source, createGunzip());
    case 'zst':
      return through(Readable.from(wholeZstd(source as AsyncIterable<Buffer>), { objectMode: false }), createZstdDecompress());
    case 'xz':
      return unxz(source, failed);
    case undefined:
      return source;
  }
}

/** Node has no decoder of its own for it. */
function unxz(source: Readable, failed: (error: unknown) => void): Readable {
  const xz = spawn('xz', ['--decompress', '--stdout', '--memlimit=256MiB'], { stdio: ['pipe', 'pipe', 'ignore'] });
  xz.once('error', failed).once('exit', (code) => {
    if (code !== 0) failed(new Error(`xz ended with ${code ?? 'a signal'}`));
  });
  xz.stdin.on('error', () => undefined);
  source.on('error', failed).pipe(xz.stdin);
  xz.stdout.once('close', () => xz.kill());
  return xz.stdout;
}
