import { type Hash, createHash } from 'node:crypto';

/**
 * The hash that S3 makes of what was uploaded in parts: MD5 of the MD5s of the parts.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export class MultipartHash {
  readonly #whole = createHash('md5');
  #part: Hash = createHash('md5');
  #room: number;

  /** @param partSize bytes of each part but the last */
  constructor(private readonly partSize: number) {
    this.#room = partSize;
  }

  update(piece: Buffer): this {
    for (let from = 0; from < piece.length; ) {
      const some = piece.subarray(from, from + this.#room);
      this.#part.update(some);
      this.#room -= some.length;
      from += some.length;
      if (this.#room === 0) this.#nextPart();
    }
    return this;
  }

  digest(encoding: 'hex'): string {
    if (this.#room < this.partSize) this.#nextPart();
    return this.#whole.copy().digest(encoding);
  }

  #nextPart(): void {
    this.#whole.update(this.#part.digest());
    this.#part = createHash('md5');
    this.#room = this.partSize;
  }
}
