import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { SandformError, messageOf } from '../../../lib/errors';
import { type FileFailure, fileError } from '../file-error';
import type { FileTask } from '../tree-files';


/** An open file or folder of the guest. */
export type GuestHandle = Buffer;

/** Bytes per request, and requests under way at once: enough to keep the line busy, little enough to hold in memory. */
const CHUNK = 2 ** 16;
const WINDOW = 8;

/** SFTP's numbers for what went wrong (draft-ietf-secsh-filexfer-02). */
const END_OF_FILE = 1;
const REASONS: Readonly<Record<number, FileFailure>> = { 2: 'missing', 3: 'denied', 8: 'not-supported' };

/** The requests of SFTP as promises: each with a deadline, none of which hangs when the guest does. */
export class SftpSession {
  alive = true;
  private why: SandformError | undefined;

  /** @param outage why the connection ended, where that is why a request fails */
  constructor(
    private readonly sftp: SFTPWrapper,
    private readonly outage: (doing: string) => Promise<SandformError>,
  ) {
    const over = () => (this.alive = false);
    sftp.on('error', over).on('close', over).on('end', over);
  }

  open(task: FileTask, path: string, flags: 'r' | 'w', mode?: number): Promise<GuestHandle> {
    return this.ask(task, (done) => this.sftp.open(path, flags, mode === undefined ? {} : { mode }, handed(done)));
  }

  openFolder(task: FileTask, path: string): Promise<GuestHandle> {
    return this.ask(task, (done) => this.sftp.opendir(path, handed(done)));
  }

  async close(task: FileTask, handle: GuestHandle): Promise<void> {
    await this.ask<undefined>(task, (done) => this.sftp.close(handle, (error) => finished(done, error)));
  }

  /** Follows symbolic links. */
  stat(task: FileTask, path: string): Promise<Stats> {
    return this.ask(task, (done) => this.sftp.stat(path, handed(done)));
  }

  async symlink(task: FileTask, target: string, path: string): Promise<void> {
    await this.ask<undefined>(task, (done) => this.sftp.symlink(target, path, (error) => finished(done, error)));
  }

  /** The next entries of a folder; undefined after the last. */
  async nextEntries(task: FileTask, folder: GuestHandle): Promise<FileEntryWithStats[] | undefined> {
    return this.ask(task, (done) => this.sftp.readdir(folder as never, (error, list) => (isEnd(error) ? done(undefined, undefined) : error ? done(error) : done(undefined, list))));
  }

  /** The content of a file from its beginning, several requests ahead of the reader. */
  async *read(task: FileTask, file: GuestHandle): AsyncGenerator<Buffer> {
    let asked = 0;
    let position = 0;
    let ahead = WINDOW;
    let requests: Promise<Buffer>[] = [];
    for (;;) {
      while (requests.length < ahead) {
        const request = this.readAt(task, file, asked);
        request.catch(() => undefined);
        requests.push(request);
        asked += CHUNK;
      }
      const chunk = await requests.shift();
      if (chunk === undefined || chunk.length === 0) break;
      yield chunk;
      position += chunk.length;
      if (chunk.length < CHUNK) {
        // The end, or a file that gives only little at a time, such as one of /proc: what was asked ahead lies elsewhere
        await Promise.allSettled(requests);
        requests = [];
        ahead = 1;
        asked = position;
      }
    }
    await Promise.allSettled(requests);
  }

  /** Writes a file from its beginning, several requests under way at once. */
  async write(task: FileTask, file: GuestHandle, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    let position = 0;
    const requests: Promise<unknown>[] = [];
    for await (const piece of source) {
      for (let start = 0; start < piece.length; start += CHUNK) {
        const chunk = piece.subarray(start, start + CHUNK);
        const request = this.ask<undefined>(task, (done) => this.sftp.write(file, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), 0, chunk.length, position, (error) => finished(done, error)));
        request.catch(() => undefined);
        requests.push(request);
        position += chunk.length;
        if (requests.length >= WINDOW) await requests.shift();
      }
    }
    await Promise.all(requests);
  }

  /** Has everything that is under way fail with this error. */
  end(why: SandformError): void {
    this.alive = false;
    this.why ??= why;
    this.sftp.end();
  }

  /** Empty at the end of the file. */
  private readAt(task: FileTask, file: GuestHandle, position: number): Promise<Buffer> {
    return this.ask(task, (done) => {
      this.sftp.read(file, Buffer.allocUnsafe(CHUNK), 0, CHUNK, position, (error, length, data) => {
        if (isEnd(error)) done(undefined, Buffer.alloc(0));
        else if (error) done(error);
        else done(undefined, data.subarray(0, length));
      });
    });
  }

  private ask<T>(task: FileTask, request: (done: Done<T>) => void): Promise<T> {
    const { doing, idleTimeout, signal } = task;
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (why: SandformError | Promise<SandformError>) => {
        settle();
        void Promise.resolve(why).then(reject);
      };
      const onAbort = () => fail(new SandformError('INTERRUPTED', { doing, cause: signal?.reason }));
      const timer = setTimeout(() => {
        const why = new SandformError('GUEST_UNREACHABLE', { doing, given: `no answer to a file request within ${idleTimeout} ms` });
        fail(why);
        // The guest does one thing after the other, and this one may never end
        this.end(why);
      }, idleTimeout);
      if (signal?.aborted) {
        onAbort();
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      if (!this.alive) {
        fail(this.why ?? this.outage(doing));
        return;
      }
      request((...[error, answer]) => {
        if (error) {
          fail(numberOf(error) === undefined ? (this.why ?? this.outage(doing)) : refusal(doing, error));
        } else {
          settle();
          resolve(answer);
        }
      });
    });
  }
}

type Done<T> = (...answer: [error: Error] | [error: undefined, answer: T]) => void;

/** A callback of ssh2's as one of ours. */
function handed<T>(done: Done<T>): (error: Error | undefined, answer: T) => void {
  return (error, answer) => {
    if (error) done(error);
    else done(undefined, answer);
  };
}

function finished(done: Done<undefined>, error: Error | null | undefined): void {
  if (error) done(error);
  else done(undefined, undefined);
}

function isEnd(error: unknown): boolean {
  return numberOf(error) === END_OF_FILE;
}

/** The guest's number of what went wrong; undefined where it was not the guest that answered. */
function numberOf(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

function refusal(doing: string, error: unknown): SandformError {
  return fileError(doing, REASONS[numberOf(error) ?? 0] ?? 'failed', messageOf(error), error);
}
