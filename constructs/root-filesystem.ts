import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MOST_OCI_DOCUMENT, OCI_INDEX_TYPE, OCI_NAME, OciIndex, type RootReference, SandformError, messageOf, parsed } from '../lib';
import type { Image } from './image';
import { projectFolder } from './project';
import { lookedAt, notedRoot, tarballReference } from './root-tarball';
import { treeDigest } from './tree-digest';

/**
 * Where a container's root filesystem comes from. A plan names it by what it holds; where it lies is noted on this machine alone, for the deploy
 * that follows. It is never written: each sandbox writes to a layer of its own over an unpacked copy.
 */
export class RootFilesystem {
  private known: RootReference | undefined;

  private constructor(private readonly describe: (doing: string) => RootReference) {}

  /** A tarball, plain or compressed by gzip, xz or zstd; a relative path counts from the project's folder. */
  static fromTarball(path: string): RootFilesystem {
    return new RootFilesystem((doing) => tarballReference(path, `${doing}: reading root filesystem ${path}`));
  }

  /**
   * A tarball from wherever images come from, pinned by the same lock and kept in the same store; of an OCI registry also an image in layers, of
   * which the layers are taken and the entry point is not.
   */
  static fromImage(image: Image): RootFilesystem {
    return new RootFilesystem((doing) => image.rootReference(doing));
  }

  /** A folder, with owners and permissions as they are in it. It is hashed at each synth and copied once for each content. */
  static fromDirectory(path: string): RootFilesystem {
    return new RootFilesystem((doing) => {
      const folder = resolve(projectFolder(), path);
      lookedAt(folder, `${doing}: reading root filesystem ${path}`, (stats) => stats.isDirectory(), 'a folder');
      return notedRoot({ digest: treeDigest(folder), kind: 'directory', path: folder });
    });
  }

  /**
   * An image in an OCI layout, a folder as `skopeo copy` or `buildah push` make it. Its layers are taken, its entry point is not.
   * @param options `tag`: which image, where there are several. `architecture`: as OCI calls it. @default 'amd64'
   */
  static fromOciLayout(path: string, { tag, architecture = 'amd64' }: { readonly tag?: string; readonly architecture?: string } = {}): RootFilesystem {
    return new RootFilesystem((doing) => {
      const layout = resolve(projectFolder(), path);
      return notedRoot({ digest: manifestOf(layout, tag, architecture, `${doing}: reading root filesystem ${path}`), kind: 'oci', path: layout });
    });
  }

  /**
   * What the plan calls it. Reads it, or the lock.
   * @param doing beginning of messages
   * @throws SandformError `IMAGE_MISSING`, `ROOT_UNREADABLE`, and those of an image's source
   */
  reference(doing: string): RootReference {
    this.known ??= this.describe(doing);
    return this.known;
  }
}

/** Digest of the manifest of one image of a layout, by way of its index and that of its platforms. */
function manifestOf(layout: string, tag: string | undefined, architecture: string, doing: string): string {
  lookedAt(layout, doing, (stats) => stats.isDirectory(), 'the folder of an OCI layout');
  const images = indexIn(documentAt(join(layout, 'index.json'), doing), doing).manifests;
  const named = tag === undefined ? images : images.filter(({ annotations }) => annotations?.[OCI_NAME] === tag);
  const names = images.flatMap(({ annotations }) => annotations?.[OCI_NAME] ?? []);
  const [image] = named;
  if (image === undefined || named.length > 1) {
    throw new SandformError('ROOT_UNREADABLE', { doing, given: `${named.length} images${tag === undefined ? '' : ` with tag '${tag}'`}`, expected: 'one image', fix: names.length === 0 ? 'make the layout anew' : `set tag to one of ${names.join(', ')}` });
  }
  if (!OCI_INDEX_TYPE.test(image.mediaType ?? '')) return hexOf(image.digest);
  const platforms = indexIn(blob(layout, image.digest, doing), doing).manifests;
  const fitting = platforms.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
  if (fitting !== undefined) return hexOf(fitting.digest);
  throw new SandformError('ROOT_UNREADABLE', { doing, given: `an image for ${platforms.map(({ platform }) => `${platform?.os ?? '?'}/${platform?.architecture ?? '?'}`).join(', ')}`, expected: `one for linux/${architecture}`, fix: 'set architecture' });
}

function blob(layout: string, digest: string, doing: string): Buffer {
  const bytes = documentAt(join(layout, 'blobs', 'sha256', hexOf(digest)), doing);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== hexOf(digest)) throw new SandformError('ROOT_UNREADABLE', { doing, given: `a blob with SHA-256 ${found}`, expected: digest });
  return bytes;
}

function documentAt(path: string, doing: string): Buffer {
  lookedAt(path, doing, (stats) => stats.isFile() && stats.size <= MOST_OCI_DOCUMENT, `a file of at most ${MOST_OCI_DOCUMENT} bytes`);
  return readFileSync(path);
}

function indexIn(bytes: Buffer, doing: string): OciIndex {
  try {
    return parsed(OciIndex, JSON.parse(bytes.toString('utf8')), 'ROOT_UNREADABLE', doing);
  } catch (cause) {
    throw SandformError.is(cause) ? cause : new SandformError('ROOT_UNREADABLE', { doing, given: messageOf(cause), cause });
  }
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
