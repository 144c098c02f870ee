import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, matchesGlob, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { SandformError, messageOf } from '../../lib/errors';
import { MOST_OCI_DOCUMENT, OCI_NAME, type OciSource, type PublishedBytes, type SourceVersion, describeSource } from '../../lib/images';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import { OciRegistry } from './oci-registry';
import type { ClientContext, FoundImage, SourceClient } from './source-client';

const Descriptor = Type.Object({
  mediaType: Type.String(),
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  platform: Type.Optional(Type.Object({ os: Type.String(), architecture: Type.String() })),
});
export type Descriptor = Static<typeof Descriptor>;
/** An image manifest, or an index of several. Source: https://github.com/opencontainers/image-spec */
const Manifest = Type.Object({ manifests: Type.Optional(Type.Array(Descriptor)), config: Type.Optional(Type.Object({ mediaType: Type.String() })), layers: Type.Optional(Type.Array(Descriptor)) });
export type Manifest = Static<typeof Manifest>;

/** Where manifests and blobs lie: a registry, or a folder with an OCI layout. */
export interface OciPlace {
  /** A manifest or an index of some by tag or digest, as it is there; undefined where there is none. */
  manifest(reference: string): Promise<Buffer | undefined>;
  blob(digest: string, options: { readonly offset: number; readonly signal: AbortSignal }): Promise<PublishedBytes | undefined>;
  close(): Promise<void>;
}

const FILE_NAME = 'org.opencontainers.image.title';

/** What talks to the registry or reads the folder that a reference names: `HOST/NAME:TAG`, `HOST/NAME@sha256:...`, `./FOLDER:TAG`. */
export async function ociClient(source: OciSource, context: ClientContext): Promise<SourceClient> {
  const [, where = '', tag, digest] = /^(.*?)(?::([A-Za-z0-9_][\w.-]*)|@(sha256:[0-9a-f]{64}))?$/.exec(source.reference) ?? [];
  const reference = digest ?? tag ?? 'latest';
  const place = /^[./]/.test(where) ? new OciLayout(resolve(context.project, where), context.doing) : OciRegistry.create(where, context);
  return new OciSourceClient(source, reference, place, context);
}

/** What tells an image for containers from an artifact. Source: image-spec, manifest.md; Docker's image manifest V2. */
const IMAGE_CONFIG = /^application\/vnd\.(oci\.image\.config|docker\.container\.image)\./;
const DEFAULT_ARCHITECTURE = 'amd64';

/**
 * A file that is one blob of an OCI artifact: a version is the blob's digest. Or, for a root filesystem, an image in layers: a version is its
 * manifest's digest.
 */
class OciSourceClient implements SourceClient {
  constructor(
    private readonly source: OciSource,
    private readonly reference: string,
    private readonly place: OciPlace,
    private readonly context: ClientContext,
  ) {}

  async resolve(): Promise<FoundImage> {
    const { bytes, manifest } = await this.#manifest(this.reference, 0);
    if (this.source.holds === 'root' && this.source.file === undefined && IMAGE_CONFIG.test(manifest.config?.mediaType ?? '')) {
      const digest = sha256(bytes);
      return { version: { manifest: `sha256:${digest}` }, size: bytes.length, digest, isLayered: true };
    }
    const { digest, size } = this.#blob(manifest);
    return { version: { blob: digest }, size, digest: digest.slice('sha256:'.length) };
  }

  async read({ blob = '', manifest }: SourceVersion, options: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    if (manifest === undefined) return this.place.blob(blob, options);
    const bytes = await this.place.manifest(manifest);
    return bytes === undefined ? undefined : { offset: 0, bytes: Readable.from([bytes]) };
  }

  close(): Promise<void> {
    return this.place.close();
  }

  /** An index leads to manifests. */
  async #manifest(reference: string, depth: number): Promise<{ bytes: Buffer; manifest: Manifest }> {
    const { doing } = this.context;
    const bytes = await this.place.manifest(reference);
    if (bytes === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing, given: `no ${describeSource(this.source)}` });
    if (reference.startsWith('sha256:') && reference !== `sha256:${sha256(bytes)}`) throw new SandformError('IMAGE_WRONG_DIGEST', { doing, given: `a manifest with SHA-256 ${sha256(bytes)}`, expected: reference });
    const manifest = documentIn(bytes);
    if (manifest === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing, given: 'a manifest that is none of OCI' });
    const { manifests = [] } = manifest;
    if (manifests.length === 0) return { bytes, manifest };
    const { architecture = DEFAULT_ARCHITECTURE } = this.source;
    const fitting = manifests.length === 1 ? manifests : manifests.filter(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
    const [only, ...others] = fitting;
    if (only !== undefined && others.length === 0 && depth < 3) return this.#manifest(only.digest, depth + 1);
    const platforms = manifests.map(({ platform }) => `${platform?.os ?? '?'}/${platform?.architecture ?? '?'}`).join(', ');
    throw new SandformError('IMAGE_NOT_FOUND', { doing, given: `an index of ${manifests.length} manifests (${platforms})`, expected: `one for linux/${architecture}`, fix: 'set `architecture`, or name the manifest by its digest' });
  }

  #blob({ layers = [] }: Manifest): Descriptor {
    const { file, holds } = this.source;
    const fitting = file === undefined ? layers : layers.filter(({ annotations }) => matchesGlob(annotations?.[FILE_NAME] ?? '', file));
    const [found, ...more] = fitting;
    if (found !== undefined && more.length === 0) return found;
    const names = layers.map(({ annotations, mediaType }) => annotations?.[FILE_NAME] ?? mediaType).join(', ');
    throw new SandformError('IMAGE_NOT_FOUND', { doing: this.context.doing, given: `${fitting.length} files (${names})`, expected: `an artifact with one ${holds === 'root' ? 'tarball' : 'disk'}`, fix: 'choose one of its files with `file`' });
  }
}

function documentIn(bytes: Buffer): Manifest | undefined {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    return mistakesOf(Manifest, document).length > 0 ? undefined : (document as Manifest);
  } catch {
    return undefined;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A folder as `oras copy --to-oci-layout` or `skopeo copy oci:` write it. */
class OciLayout implements OciPlace {
  constructor(
    private readonly folder: string,
    private readonly doing: string,
  ) {}

  async manifest(reference: string): Promise<Buffer | undefined> {
    if (reference.startsWith('sha256:')) return this.#document(this.#blobFile(reference));
    const index = documentIn((await this.#document(join(this.folder, 'index.json'))) ?? Buffer.alloc(0));
    if (index === undefined) return undefined;
    const { manifests = [] } = index;
    const named = manifests.filter(({ annotations }) => annotations?.[OCI_NAME] === reference);
    const chosen = named.length > 0 ? named : reference === 'latest' ? manifests : [];
    return chosen.length === 0 ? undefined : Buffer.from(JSON.stringify({ manifests: chosen }));
  }

  async blob(digest: string, { offset }: { offset: number }): Promise<PublishedBytes | undefined> {
    const file = this.#blobFile(digest);
    const isThere = await stat(file).then(() => true, () => false);
    return isThere ? { offset, bytes: createReadStream(file, { start: offset, highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer> } : undefined;
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #blobFile(digest: string): string {
    return join(this.folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
  }

  async #document(file: string): Promise<Buffer | undefined> {
    try {
      const { size } = await stat(file);
      if (size > MOST_OCI_DOCUMENT) throw new Error(`more than ${MOST_OCI_DOCUMENT} bytes`);
      return await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new SandformError('IMAGE_NOT_FOUND', { doing: this.doing, given: `${file}: ${messageOf(error)}`, cause: error });
    }
  }
}
