import { type Hash, createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckHash } from '../sources';

/** Written at once: large enough that a write costs nothing beside its bytes, small beside any image. */
const PIECE = 2 ** 20;

/** A file that grows as an image comes in, hashed as it grows; what an earlier process left of it is hashed first. */
export class PartFile implements AsyncDisposable {
  /** Bytes that are in it. */
  size = 0;
  /** Whether some of it was there before. */
  isContinued = false;
  #hash: Hash = createHash('sha256');
  #others: CheckHash[] = [];
  readonly #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    private readonly others: () => CheckHash[],
  ) {}

  /** @param others makes hashes beside SHA-256, anew for each beginning */
  static async open(path: string, others: () => CheckHash[] = () => []): Promise<PartFile> {
    await mkdir(dirname(path), { recursive: true });
    const part = new PartFile(await open(path, 'a+'), others);
    await part.#readAgain();
    return part;
  }

  /** Takes the next bytes. Resolves when so much has been written that more may come. */
  async add(piece: Buffer): Promise<void> {
    this.#update(piece);
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes >= PIECE) await this.#flush();
  }

  /** Throws away what is in it. */
  async restart(): Promise<void> {
    this.#pending.length = this.#pendingBytes = 0;
    await this.#writing;
    await this.handle.truncate(0);
    this.#begin();
  }

  /** Waits until all is in the file. */
  async flushed(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  /** SHA-256 of all that was added. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The hashes that were asked for beside, of all that was added. */
  get otherHashes(): readonly CheckHash[] {
    return this.#others;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.handle.close();
  }

  #begin(): void {
    this.size = 0;
    this.isContinued = false;
    this.#hash = createHash('sha256');
    this.#others = this.others();
  }

  async #readAgain(): Promise<void> {
    this.#begin();
    const block = Buffer.allocUnsafe(PIECE);
    for (let length = 1; length > 0; ) {
      ({ bytesRead: length } = await this.handle.read(block, 0, PIECE, this.size));
      this.#update(block.subarray(0, length));
    }
    this.isContinued = this.size > 0;
  }

  #update(piece: Buffer): void {
    this.#hash.update(piece);
    for (const other of this.#others) other.update(piece);
    this.size += piece.length;
  }

  /** One write is under way while the next bytes come in. */
  async #flush(): Promise<void> {
    const pieces = this.#pending.splice(0);
    this.#pendingBytes = 0;
    await this.#writing;
    if (pieces.length === 0) return;
    this.#writing = this.#write(pieces);
    // Whoever waits next is told of a failure; until then it must not count as unheard.
    this.#writing.catch(() => undefined);
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const { bytesWritten } = await this.handle.writev([...pieces]);
    if (bytesWritten === bytes) return;
    // A full disk may take a part of it first.
    const rest = Buffer.concat(pieces).subarray(bytesWritten);
    await this.handle.writeFile(rest);
  }
}
