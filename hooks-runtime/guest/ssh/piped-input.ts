import { Writable } from 'node:stream';

/** What a command reads. Once the command is over it takes whatever is still written and forgets it: it never fails. */
export class PipedInput extends Writable {
  private over = false;
  private pending: (() => void) | undefined;

  constructor(private readonly channel: Writable) {
    super({ highWaterMark: 2 ** 16 });
  }

  /** The command no longer reads. */
  cut(): void {
    this.over = true;
    this.release();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.over) return void done();
    // ssh2 never calls back once the other side has closed
    this.pending = done;
    this.channel.write(chunk, () => this.release());
  }

  override _final(done: () => void): void {
    if (!this.over) this.channel.end();
    done();
  }

  private release(): void {
    const done = this.pending;
    this.pending = undefined;
    done?.();
  }
}
