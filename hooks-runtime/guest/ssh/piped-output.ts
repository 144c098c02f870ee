import { Readable } from 'node:stream';

/**
 * Hands a channel's stream on, with back-pressure, until it ends or is cut off. Afterwards what still comes is dropped, so that
 * whoever still writes in the guest is not held up.
 */
export class PipedOutput extends Readable {
  /** Bytes that came, up to the end. */
  bytes = 0;
  /** Resolves when the source has ended or was cut off. */
  readonly done: Promise<void>;
  private isDone: () => void = () => undefined;
  private over = false;

  constructor(private readonly source: Readable) {
    super({ highWaterMark: 2 ** 18 });
    this.done = new Promise((resolve) => (this.isDone = resolve));
    source.on('data', (chunk: Buffer) => this.deliver(chunk));
    source.once('end', () => this.cut());
    // A reader that walks away must neither fail nor hold the command up
    this.once('close', () => this.cut());
  }

  /** Whether it waits for its reader. */
  get held(): boolean {
    return this.source.isPaused();
  }

  /** Ends it here. */
  cut(): void {
    if (this.over) return;
    this.over = true;
    if (!this.destroyed) this.push(null);
    this.source.resume();
    this.isDone();
  }

  override _read(): void {
    if (!this.over) this.source.resume();
  }

  private deliver(chunk: Buffer): void {
    if (this.over) return;
    this.bytes += chunk.length;
    if (!this.push(chunk)) this.source.pause();
  }
}
