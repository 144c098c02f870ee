/** Keeps the beginning of a stream and counts the rest. */
export class OutputKeeper {
  /** Bytes seen, kept or not. */
  seen = 0;
  private readonly chunks: Uint8Array[] = [];
  private room: number;

  /** @param limit bytes to keep */
  constructor(private readonly limit: number) {
    this.room = limit;
  }

  push(chunk: Uint8Array): void {
    this.seen += chunk.length;
    if (this.room === 0) return;
    // A copy: the chunk may be a view into a much larger buffer
    const kept = Buffer.from(chunk.subarray(0, this.room));
    this.room -= kept.length;
    this.chunks.push(kept);
  }

  get truncated(): boolean {
    return this.seen > this.limit;
  }

  /** What was kept, as UTF-8 with replacement characters for what is not. */
  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
