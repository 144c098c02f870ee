import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { writeWhole } from './atomic-file';
import type { RecordLimits } from './limits';

/** The files of a record. Their names are ours: a number, what the hook calls them reduced to harmless letters, an extension by type. */
export class ArtifactStore {
  private count = 0;
  private total = 0;

  constructor(
    private readonly folder: string,
    private readonly limits: RecordLimits,
  ) {}

  /**
   * Writes a whole file.
   * @throws SandformError `HOOK_FLOOD`
   */
  add(kind: string, mediaType: string, bytes: Uint8Array): string {
    const { artifact, artifacts } = this.limits;
    if (bytes.length > artifact || this.total + bytes.length > artifacts) {
      throw new SandformError('HOOK_FLOOD', { doing: `keeping '${kind}'`, given: `${bytes.length} bytes`, expected: `at most ${artifact} bytes a file and ${artifacts} bytes a run` });
    }
    const file = this.nextName(kind, mediaType);
    writeFileSync(join(this.folder, file), bytes, { flag: 'wx', mode: 0o600 });
    this.total += bytes.length;
    return file;
  }

  /**
   * Names a file that grows. It is made with its first byte.
   * @throws SandformError `HOOK_FLOOD`
   */
  open(kind: string, mediaType: string): GrowingArtifact {
    const file = this.nextName(kind, mediaType);
    return new GrowingArtifact(file, join(this.folder, file), (wanted, soFar) => {
      const granted = Math.max(0, Math.min(wanted, this.limits.artifact - soFar, this.limits.artifacts - this.total));
      this.total += granted;
      return granted;
    });
  }

  /**
   * Writes a file while it comes, past all it holds in memory. A file that could not be kept whole is removed.
   * @throws SandformError `HOOK_FLOOD`; the source's own error
   */
  async keep(kind: string, mediaType: string, pieces: AsyncIterable<Uint8Array>): Promise<{ readonly file: string; readonly size: number; readonly digest: string }> {
    const { streamed } = this.limits;
    const file = this.nextName(kind, mediaType);
    const path = join(this.folder, file);
    const hash = createHash('sha256');
    let size = 0;
    try {
      const descriptor = openSync(path, 'wx', 0o600);
      try {
        for await (const piece of pieces) {
          size += piece.length;
          if (size > streamed) throw new SandformError('HOOK_FLOOD', { doing: `keeping '${kind}'`, given: `more than ${streamed} bytes`, expected: `at most ${streamed} bytes a file` });
          hash.update(piece);
          writeWhole(descriptor, piece);
        }
      } finally {
        closeSync(descriptor);
      }
      return { file, size, digest: hash.digest('hex') };
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }

  private nextName(kind: string, mediaType: string): string {
    if (this.count >= this.limits.artifactCount) {
      throw new SandformError('HOOK_FLOOD', { doing: `keeping '${kind}'`, given: `${this.count + 1} files`, expected: `at most ${this.limits.artifactCount} files a run` });
    }
    this.count += 1;
    const extension = EXTENSIONS.get(mediaType) ?? 'bin';
    return `artifacts/${String(this.count).padStart(4, '0')}-${slug(kind, extension)}.${extension}`;
  }
}

/** A file of a record that is written piece by piece; beyond the limits, bytes are only counted. */
export class GrowingArtifact implements Disposable {
  /** Bytes that came. */
  bytes = 0;
  /** Bytes that the file holds. */
  kept = 0;
  private descriptor: number | undefined;
  private closed = false;

  constructor(
    readonly file: string,
    private readonly path: string,
    private readonly grant: (wanted: number, soFar: number) => number,
  ) {}

  write(chunk: Uint8Array): void {
    if (this.closed) return;
    this.bytes += chunk.length;
    const granted = this.grant(chunk.length, this.kept);
    if (granted === 0) return;
    this.descriptor ??= openSync(this.path, 'ax', 0o600);
    writeWhole(this.descriptor, chunk.subarray(0, granted));
    this.kept += granted;
  }

  [Symbol.dispose](): void {
    this.closed = true;
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

/** SHA-256 in lower-case hexadecimal. */
export function digestOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Only types whose files do no harm when somebody opens them; all others are `bin`. */
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/x-portable-pixmap', 'ppm'],
  ['text/plain', 'txt'],
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/vnd.tcpdump.pcap', 'pcap'],
  ['application/gzip', 'gz'],
  ['application/x-qemu-disk', 'qcow2'],
]);

function slug(kind: string, extension: string): string {
  const plain = kind.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return plain.slice(0, 60).replace(new RegExp(`-${extension}$`), '') || 'file';
}
