import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SandformError, messageOf } from '../../lib/errors';
import type { SourceVersion } from '../../lib/images';
import type { PublishedCheck, SourceClient } from '../sources';
import { diskFull, isDiskFull, refuseWithoutRoom } from './disk-room';
import { PartFile } from './part-file';
import type { PullProgress } from './pull-progress';

/** What to fetch, and what is known of it. */
export interface Fetching {
  readonly name: string;
  /** Beginning of messages. */
  readonly doing: string;
  readonly version: SourceVersion;
  readonly size?: number;
  /** SHA-256, where it is known beforehand. */
  readonly digest?: string;
  readonly checks?: readonly PublishedCheck[];
  /** Whether the digest is that of an earlier fetch: then other bytes mean that the version is gone. */
  readonly isPinned: boolean;
  /** Most bytes that are taken. */
  readonly limit: number;
  /** Milliseconds before the second attempt that brought nothing new; doubled each time. */
  readonly pause: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
}

/** Attempts in a row that brought nothing new. */
const MOST_IDLE_ATTEMPTS = 5;
const TELL_EVERY_MS = 250;

/**
 * Fetches one version of an image into a file, going on where an earlier attempt, also of another process, was cut. What does not have
 * the right length and hash is thrown away.
 * @returns size and SHA-256 of the file
 * @throws SandformError `IMAGE_VANISHED`, `IMAGE_WRONG_DIGEST`, `IMAGE_TRUNCATED`, `IMAGE_TOO_LARGE`, `IMAGE_UNREACHABLE`, `IMAGE_DENIED`, `DISK_FULL`; the
 *   signal's reason: what is there stays, for the next attempt
 */
export async function fetchBlob(client: SourceClient, path: string, fetching: Fetching): Promise<{ readonly size: number; readonly digest: string }> {
  try {
    await using part = await PartFile.open(path, () => (fetching.checks ?? []).map(({ hash }) => hash()));
    if (fetching.size !== undefined) {
      refuseLarge(fetching, fetching.size);
      await refuseWithoutRoom(path, fetching.size - part.size, fetching.doing);
    }
    if (part.size > (fetching.size ?? Infinity)) await part.restart();
    await filled(client, part, fetching);
    if (part.isContinued && mistakeIn(part, fetching) !== undefined) {
      // What an earlier process left may be of anything. From the beginning, once.
      await part.restart();
      await filled(client, part, fetching);
    }
    const mistake = mistakeIn(part, fetching);
    if (mistake !== undefined) throw mistake;
    return { size: part.size, digest: part.digest() };
  } catch (error) {
    const keep = fetching.signal.aborted || (SandformError.is(error) && (error.code === 'IMAGE_UNREACHABLE' || error.code === 'IMAGE_DENIED'));
    if (!keep) await rm(path, { force: true });
    throw isDiskFull(error) ? diskFull(fetching.doing, error) : error;
  }
}

/** Reads until all bytes are there, whatever is cut in between. */
async function filled(client: SourceClient, part: PartFile, fetching: Fetching): Promise<void> {
  const { doing, size, signal } = fetching;
  for (let idle = 0; ; ) {
    signal.throwIfAborted();
    const before = part.size;
    const failure = await attempt(client, part, fetching);
    if (failure === undefined && (size === undefined || part.size === size)) return;
    idle = part.size > before ? 0 : idle + 1;
    if (idle >= MOST_IDLE_ATTEMPTS && failure === undefined && fetching.isPinned) throw vanished(fetching, `${part.size} bytes`);
    if (idle >= MOST_IDLE_ATTEMPTS) throw failure ?? new SandformError('IMAGE_TRUNCATED', { doing, given: `${part.size} bytes`, expected: `${size} bytes` });
    await delay(fetching.pause * (2 ** idle - 1), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** One request. @returns the failure that the next attempt may not meet */
async function attempt(client: SourceClient, part: PartFile, fetching: Fetching): Promise<SandformError | undefined> {
  const { version, doing, size, signal } = fetching;
  if (size !== undefined && part.size === size) return undefined;
  try {
    const answer = await client.read(version, { offset: part.size, signal });
    if (answer === undefined) throw vanished(fetching, 'it is not there any more');
    if (answer.isOther === true && !fetching.isPinned) throw vanished(fetching, 'it changed while it was being fetched');
    if (answer.offset !== part.size) await part.restart();
    await taken(answer.bytes, part, fetching);
    if (answer.isOther === true && part.size !== (size ?? part.size)) throw vanished(fetching, `another version, of ${part.size} bytes`);
    return undefined;
  } catch (error) {
    if (signal.aborted || isDiskFull(error)) throw error;
    if (SandformError.is(error) && !(error.code === 'IMAGE_UNREACHABLE' && error.details['passing'] !== false)) throw error;
    return SandformError.is(error) ? error : new SandformError('IMAGE_UNREACHABLE', { doing, given: `cut after ${part.size} bytes: ${messageOf(error)}`, cause: error });
  } finally {
    await part.flushed();
  }
}

async function taken(bytes: AsyncIterable<Uint8Array>, part: PartFile, fetching: Fetching): Promise<void> {
  const { name, size, onProgress, signal } = fetching;
  const [start, from] = [performance.now(), part.size];
  let told = 0;
  const tell = (now: number): void => {
    told = now;
    const elapsed = (now - start) / 1000;
    onProgress({ name, bytes: part.size, ...(size === undefined ? {} : { total: size }), bytesPerSecond: elapsed < 0.1 ? 0 : (part.size - from) / elapsed });
  };
  for await (const piece of bytes) {
    signal.throwIfAborted();
    refuseLarge(fetching, part.size + piece.length);
    if (size !== undefined && part.size + piece.length > size && fetching.isPinned) throw vanished(fetching, `more than ${size} bytes`);
    if (size !== undefined && part.size + piece.length > size) throw new SandformError('IMAGE_TRUNCATED', { doing: fetching.doing, given: `more than ${size} bytes`, expected: `${size} bytes` });
    await part.add(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    const now = performance.now();
    if (now - told > TELL_EVERY_MS) tell(now);
  }
  tell(performance.now());
}

function mistakeIn(part: PartFile, fetching: Fetching): SandformError | undefined {
  const { doing, digest, isPinned, checks = [] } = fetching;
  const actual = part.digest();
  if (digest !== undefined && actual !== digest) {
    const given = `${part.size} bytes with SHA-256 ${actual}`;
    return isPinned ? vanished(fetching, given, digest) : new SandformError('IMAGE_WRONG_DIGEST', { doing, given, expected: `SHA-256 ${digest}` });
  }
  for (const [index, { name, value }] of checks.entries()) {
    const found = part.otherHashes[index]?.digest('hex');
    if (found !== value) return new SandformError('IMAGE_WRONG_DIGEST', { doing, given: `${name} ${found ?? 'none'}`, expected: `${name} ${value}, as the source itself says` });
  }
  return undefined;
}

function vanished({ name, doing }: Fetching, given: string, digest?: string): SandformError {
  return new SandformError('IMAGE_VANISHED', { doing, given, ...(digest === undefined ? {} : { expected: `SHA-256 ${digest}` }), fix: `pin what is there now with \`npx sandform images update ${name}\`, or put the version back` });
}

function refuseLarge({ doing, limit }: Fetching, bytes: number): void {
  if (bytes > limit) throw new SandformError('IMAGE_TOO_LARGE', { doing, given: `${bytes} bytes or more`, expected: `at most ${limit} bytes` });
}
