import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, matchesGlob, resolve } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { SandformError, messageOf } from '../../lib/errors';
import { type OciSource, type PublishedBytes, type SourceVersion, describeSource } from '../../lib/images';
import { mistakesOf } from '../../lib/spec';
import { OciRegistry } from './oci-registry';
import type { ClientContext, FoundImage, SourceClient } from './source-client';

const Descriptor = Type.Object({
  mediaType: Type.String(),
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type Descriptor = Static<typeof Descriptor>;
/** An image manifest, or an index of several. Source: https://github.com/opencontainers/image-spec */
const Manifest = Type.Object({ manifests: Type.Optional(Type.Array(Descriptor)), layers: Type.Optional(Type.Array(Descriptor)) });
export type Manifest = Static<typeof Manifest>;

/** Where manifests and blobs lie: a registry, or a folder with an OCI layout. */
export interface OciPlace {
  /** A manifest by tag or digest; undefined where there is none. */
  manifest(reference: string): Promise<unknown>;
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

/** A disk that is one blob of an OCI artifact. A version is the blob's digest. */
class OciSourceClient implements SourceClient {
  constructor(
    private readonly source: OciSource,
    private readonly reference: string,
    private readonly place: OciPlace,
    private readonly context: ClientContext,
  ) {}

  async resolve(): Promise<FoundImage> {
    const { digest, size } = await this.#blob(this.reference, 0);
    return { version: { blob: digest }, size, digest: digest.slice('sha256:'.length) };
  }

  read({ blob = '' }: SourceVersion, options: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    return this.place.blob(blob, options);
  }

  close(): Promise<void> {
    return this.place.close();
  }

  /** An index leads to manifests, whose layers are the files. */
  async #blob(reference: string, depth: number): Promise<Descriptor> {
    const { doing } = this.context;
    const document = await this.place.manifest(reference);
    if (document === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing, given: `no ${describeSource(this.source)}` });
    if (mistakesOf(Manifest, document).length > 0) throw new SandformError('IMAGE_NOT_FOUND', { doing, given: 'a manifest that is none of OCI' });
    const { manifests = [], layers = [] } = document as Manifest;
    const [only, ...others] = manifests;
    if (only !== undefined && others.length === 0 && depth < 3) return this.#blob(only.digest, depth + 1);
    const { file } = this.source;
    const fitting = file === undefined ? layers : layers.filter(({ annotations }) => matchesGlob(annotations?.[FILE_NAME] ?? '', file));
    const [found, ...more] = fitting;
    if (found !== undefined && more.length === 0) return found;
    const names = layers.map(({ annotations, mediaType }) => annotations?.[FILE_NAME] ?? mediaType).join(', ');
    throw new SandformError('IMAGE_NOT_FOUND', { doing, given: manifests.length > 0 ? `an index of ${manifests.length} manifests` : `${fitting.length} files (${names})`, expected: 'an artifact with one disk', fix: 'choose one of its files with `file`, or name the manifest by its digest' });
  }
}

/** A folder as `oras copy --to-oci-layout` or `skopeo copy oci:` write it. */
class OciLayout implements OciPlace {
  constructor(
    private readonly folder: string,
    private readonly doing: string,
  ) {}

  async manifest(reference: string): Promise<unknown> {
    if (reference.startsWith('sha256:')) return this.#json(this.#blobFile(reference));
    const index = await this.#json(join(this.folder, 'index.json'));
    if (index === undefined || mistakesOf(Manifest, index).length > 0) return undefined;
    const { manifests = [] } = index as Manifest;
    const named = manifests.filter(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === reference);
    return { manifests: named.length > 0 ? named : reference === 'latest' ? manifests : [] };
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

  async #json(file: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new SandformError('IMAGE_NOT_FOUND', { doing: this.doing, given: `${file}: ${messageOf(error)}`, cause: error });
    }
  }
}
