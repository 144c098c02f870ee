import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ImageIndexEntry, type ImageReference, SandformError, cacheFolder, imageIndexFile, messageOf } from '../lib';
import { diskImageFacts } from './disk-image-file';
import { fileDigest, writeAtomically } from './file-digest';
import { projectFolder } from './project';

export interface ImageOptions {
  /** @default what the file itself says; only qcow2 images do */
  readonly format?: ImageReference['format'];
}

/**
 * Where a disk image comes from. A plan names it by what it holds; where it lies is noted on this machine alone, for the
 * deploy that follows.
 */
export class Image {
  private constructor(
    private readonly describe: (doing: string) => ImageReference,
    private readonly what: string,
  ) {}

  /** A disk image in a file of this machine; a relative path counts from the project's folder. */
  static fromPath(path: string, { format }: ImageOptions = {}): Image {
    return new Image((doing) => {
      const file = resolve(projectFolder(), path);
      const facts = diskImageFacts(file, format, doing);
      return noted(file, { ...facts, digest: fileDigest(file) });
    }, path);
  }

  /**
   * A file that is no disk: a kernel, an initial RAM disk.
   * @param digest SHA-256 where it is known already
   */
  static fromFile(path: string, digest?: string): Image {
    return new Image((doing) => {
      const file = resolve(projectFolder(), path);
      return noted(file, { format: 'raw', virtualSize: sizeOf(file, doing), digest: digest ?? fileDigest(file) });
    }, path);
  }

  /** A disk image whose facts are known already, as the build of a guest writes them. */
  static fromFacts(path: string, reference: ImageReference): Image {
    return new Image((doing) => {
      sizeOf(path, doing);
      return noted(path, reference);
    }, path);
  }

  /**
   * What the plan calls it. Reads the file.
   * @param doing beginning of messages
   * @throws SandformError `IMAGE_MISSING`, `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`
   */
  reference(doing: string): ImageReference {
    return this.describe(`${doing}: reading image ${this.what}`);
  }
}

/** Notes where the bytes lie, for the companion. */
function noted(file: string, { digest, format, virtualSize }: ImageReference): ImageReference {
  const entry: ImageIndexEntry = { digest, format, virtualSize, file, size: statSync(file).size };
  writeAtomically(imageIndexFile(cacheFolder(process.env), digest), `${JSON.stringify(entry)}\n`);
  return { digest, format, virtualSize };
}

function sizeOf(file: string, doing: string): number {
  try {
    const { size } = statSync(file);
    if (size > 0) return size;
  } catch (cause) {
    throw new SandformError('IMAGE_MISSING', { doing, given: file, cause: messageOf(cause) });
  }
  throw new SandformError('IMAGE_NOT_A_DISK', { doing, given: `${file}: an empty file` });
}
