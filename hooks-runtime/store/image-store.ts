import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ErrorCode, SandformError } from '../../lib/errors';
import { type DiskFormat, ImageFile, type NamedSource, PinnedImage, type SourceOrigin, type SourceVersion, cacheFolder, describeSource, sourceDigest, storedDiskNote } from '../../lib/images';
import { type RootReference, canonicalJson } from '../../lib/spec';
import { Size } from '../../lib/units';
import { type FoundImage, type SourceClient, clientOf } from '../sources';
import { fetchBlob } from './fetch-blob';
import { madeDisk } from './make-disk';
import { readNote, writeNote } from './note-file';
import type { PullProgress } from './pull-progress';
import { type RootFile, layersIn, refuseOtherThanTarball, rootHere, rootParts } from './root-image';
import { StoreLock } from './store-lock';

/** How to fetch. */
export interface PullOptions {
  /** Folder of the project that declares the source. */
  readonly project: string;
  readonly signal?: AbortSignal;
  /** Milliseconds before the second attempt that brought nothing new; doubled each time. @default 500 */
  readonly pause?: number;
  readonly onProgress?: (progress: PullProgress) => void;
  /** Told once where another process works on the same image. */
  readonly onWait?: (line: string) => void;
}

/** A disk or a root filesystem on this machine. */
export type StoredImage = ImageFile | RootFile;

/** An image on this machine, and the version of its source that it was made from. */
export interface PulledImage {
  readonly pinned: PinnedImage;
  readonly image: StoredImage;
  /** Why nothing newer could be had, where the declaration lets what is here stand in. */
  readonly standsInFor?: SandformError;
}

/** What is being brought here. */
interface Pulling extends NamedSource {
  readonly client: SourceClient;
  /** Name under which it is worked on. */
  readonly key: string;
  /** Beginning of messages. */
  readonly doing: string;
  /** Whether it is known from an earlier pull what must come. */
  readonly isPinned: boolean;
}

interface Blob {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
}

/** Larger images are refused; SANDFORM_IMAGE_LIMIT says otherwise. */
const LIMIT = '64GiB';
/** A place that changes faster than it can be read is given up. */
const MOST_VERSIONS = 3;
/** What says that a place has no image to give now. */
const NOWHERE: readonly ErrorCode[] = ['IMAGE_NOT_FOUND', 'IMAGE_UNREACHABLE'];

/**
 * The images of this machine, in `store` of the cache folder: `blobs` as published, named by their SHA-256, root filesystems among them; `disks`, what was unpacked or
 * converted from them, with a note each; `versions`, which blob and disk a version of a source was; `partial`, what is being fetched; `locks`.
 *
 * One process works on a version at a time. Everything gets its name by a rename when it is whole, so what has a name is whole; its hash is
 * checked once more when it is used.
 */
export class ImageStore {
  private constructor(
    private readonly cache: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static open(environment: NodeJS.ProcessEnv = process.env): ImageStore {
    return new ImageStore(cacheFolder(environment), environment);
  }

  get folder(): string {
    return join(this.cache, 'store');
  }

  /** An image that is here; noted as used now. */
  find(image: PinnedImage['image']): StoredImage | undefined {
    return 'kind' in image ? this.#findRoot(image) : this.#findDisk(image.digest);
  }

  #findRoot(root: RootReference): RootFile | undefined {
    const found = rootHere(this.#path('blobs'), root);
    for (const path of found === undefined ? [] : rootParts(found)) used(path);
    return found;
  }

  #findDisk(digest: string): ImageFile | undefined {
    const note = readNote(storedDiskNote(this.cache, digest), ImageFile);
    if (note === undefined || sizeOf(note.file) !== note.size) return undefined;
    for (const path of [note.file, storedDiskNote(this.cache, digest)]) used(path);
    return note;
  }

  /** Removes an image, and what it was made from, where it turned out to be damaged; nothing where it is none of the store's. */
  discard(image: StoredImage): void {
    if (!image.file.startsWith(`${this.folder}/`)) return;
    const paths = 'kind' in image ? rootParts(image) : [storedDiskNote(this.cache, image.digest), image.file];
    for (const path of paths) rmSync(path, { force: true });
  }

  /**
   * Looks for the newest version of a source and brings it here, unless it is here.
   * @throws SandformError as those of the source, of fetching and of making a disk
   */
  async pull({ name, source }: NamedSource, options: PullOptions): Promise<PulledImage> {
    const doing = `fetching image '${name}' from ${describeSource(source)}`;
    try {
      return await this.#pullAny({ name, source }, doing, options);
    } catch (error) {
      const stored = source.fallback === 'stored' && SandformError.is(error) && NOWHERE.includes(error.code) ? this.#lastOf(sourceDigest(source)) : undefined;
      if (stored === undefined) throw error;
      return { ...stored, standsInFor: error as SandformError };
    }
  }

  #pullAny({ name, source }: NamedSource, doing: string, options: PullOptions): Promise<PulledImage> {
    return this.#withClient({ name, source }, doing, options, async (client) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#pullNewest(client, { name, source }, doing, options);
        } catch (error) {
          // Another version came while this one was being fetched.
          if (!SandformError.is(error) || error.code !== 'IMAGE_VANISHED' || attempt === MOST_VERSIONS) throw error;
        }
      }
    });
  }

  /**
   * Brings a pinned version here, unless it is here.
   * @throws SandformError `IMAGE_VANISHED`, and as those of the source, of fetching and of making a disk
   */
  async pullPinned({ name, source, pinned }: Omit<SourceOrigin, 'project'>, options: PullOptions): Promise<StoredImage> {
    const here = this.find(pinned.image);
    if (here !== undefined) return here;
    const doing = `fetching image '${name}', as it is locked, from ${describeSource(source)}`;
    return this.#withClient({ name, source }, doing, options, async (client) => {
      const key = keyOf(source, pinned.version, pinned.digest);
      using _lock = await this.#lock(key, name, options);
      const meanwhile = this.find(pinned.image);
      if (meanwhile !== undefined) return meanwhile;
      const { version, size, digest, image: expected } = pinned;
      const pulling = { name, source, client, key, doing, isPinned: true };
      const blob = this.#blob(digest) ?? (await this.#fetched(pulling, { version, size, digest }, options));
      const image = await this.#made(pulling, blob, { format: 'format' in expected && expected.format === 'raw' ? 'raw' : undefined, isLayered: 'kind' in expected && expected.kind === 'oci' }, options);
      if (image.digest === expected.digest) return image;
      throw new SandformError('IMAGE_CHANGED', { doing, given: `disk ${image.digest}`, expected: `disk ${expected.digest}, as it is locked`, fix: `lock it with this Sandform: \`npx sandform images update ${name}\`` });
    });
  }

  async #pullNewest(client: SourceClient, { name, source }: NamedSource, doing: string, options: PullOptions): Promise<PulledImage> {
    const found = await client.resolve();
    const told = found.digest ?? source.digest;
    if (source.digest !== undefined && found.digest !== undefined && found.digest !== source.digest) {
      throw new SandformError('IMAGE_WRONG_DIGEST', { doing, given: `the source has SHA-256 ${found.digest}`, expected: `SHA-256 ${source.digest}, as declared` });
    }
    const key = keyOf(source, found.version, told);
    using _lock = await this.#lock(key, name, options);
    const before = this.#remembered(key, sourceDigest(source));
    if (before !== undefined) {
      // Noted as the one that came last.
      writeNote(this.#path('versions', `${key}.json`), before.pinned);
      return before;
    }
    const known = told ?? readNote(this.#path('versions', `${key}.json`), PinnedImage)?.digest;
    const pulling = { name, source, client, key, doing, isPinned: false };
    const blob = (known === undefined ? undefined : this.#blob(known)) ?? (await this.#fetched(pulling, { ...found, ...(told === undefined ? {} : { digest: told }) }, options));
    const image = await this.#made(pulling, blob, found, options);
    const pinned = { declaration: sourceDigest(source), version: found.version, size: blob.size, digest: blob.digest, image: referenceOf(image) };
    if (hasNames(found.version)) writeNote(this.#path('versions', `${key}.json`), pinned);
    return { pinned, image };
  }

  async #withClient<Result>(named: NamedSource, doing: string, { project, signal = new AbortController().signal }: PullOptions, work: (client: SourceClient) => Promise<Result>): Promise<Result> {
    const client = await clientOf(named.source, { doing, project, environment: this.environment, signal });
    try {
      return await work(client);
    } catch (error) {
      if (signal.aborted) throw SandformError.is(signal.reason) ? signal.reason : new SandformError('INTERRUPTED', { doing, cause: error });
      throw SandformError.from(error, doing);
    } finally {
      await client.close?.();
    }
  }

  #lock(key: string, name: string, { signal = new AbortController().signal, onWait = () => undefined }: PullOptions): Promise<StoreLock> {
    return StoreLock.take(this.#path('locks'), key, { signal, onWait: () => onWait(`image '${name}': waiting for another process that fetches it`) });
  }

  #remembered(key: string, declaration: string): PulledImage | undefined {
    const pinned = readNote(this.#path('versions', `${key}.json`), PinnedImage);
    const image = pinned === undefined ? undefined : this.find(pinned.image);
    return pinned === undefined || image === undefined ? undefined : { pinned: { ...pinned, declaration }, image };
  }

  /** The version of a declaration that came here last, of those that are still whole. */
  #lastOf(declaration: string): PulledImage | undefined {
    const folder = this.#path('versions');
    const notes = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    const own = notes.filter((file) => readNote(file, PinnedImage)?.declaration === declaration).sort((a, b) => changed(b) - changed(a));
    return own.map((file) => this.#remembered(basename(file, '.json'), declaration)).find((image) => image !== undefined);
  }

  #blob(digest: string): Blob | undefined {
    const file = this.#path('blobs', digest);
    const size = sizeOf(file);
    if (size === undefined) return undefined;
    used(file);
    return { file, digest, size };
  }

  async #fetched({ client, key, name, doing, isPinned }: Pulling, what: FoundImage, { signal = new AbortController().signal, pause = 500, onProgress = () => undefined }: PullOptions): Promise<Blob> {
    const part = this.#path('partial', key);
    mkdirSync(this.#path('partial'), { recursive: true });
    mkdirSync(this.#path('blobs'), { recursive: true });
    const blob = await fetchBlob(client, part, { ...what, name, doing, isPinned, limit: this.#limit(), pause, signal, onProgress });
    const file = this.#path('blobs', blob.digest);
    renameSync(part, file);
    return { file, ...blob };
  }

  /** What was published becomes what it was declared to hold. */
  async #made(pulling: Pulling, blob: Blob, { format, isLayered = false }: Pick<FoundImage, 'isLayered'> & { readonly format?: DiskFormat | undefined }, options: PullOptions): Promise<StoredImage> {
    const { key, doing, source } = pulling;
    const { signal = new AbortController().signal } = options;
    if (source.holds === 'root') return this.#root(pulling, blob, isLayered, { ...options, signal });
    const disk = await madeDisk({ ...blob, format: source.format ?? format }, (digest) => this.#path('disks', digest), this.#path('partial', `${key}.disk`), { doing, limit: this.#limit(), signal });
    writeNote(storedDiskNote(this.cache, disk.digest), disk);
    return disk;
  }

  /** A tarball is used as it is; layers come beside the manifest that names them. */
  async #root(pulling: Pulling, { digest, file, size }: Blob, isLayered: boolean, options: PullOptions & { readonly signal: AbortSignal }): Promise<RootFile> {
    const { key, doing } = pulling;
    if (!isLayered) {
      await refuseOtherThanTarball(file, doing, options.signal);
      return { digest, kind: 'tarball', file, size };
    }
    let bytes = size;
    for (const layer of layersIn(file, doing)) {
      const blob = this.#blob(layer.digest) ?? (await this.#fetched({ ...pulling, key: `${key}.${layer.digest.slice(0, 16)}` }, { ...layer, version: { blob: `sha256:${layer.digest}` } }, options));
      bytes += blob.size;
      if (bytes > this.#limit()) throw new SandformError('IMAGE_TOO_LARGE', { doing, given: `layers of ${bytes} bytes or more`, expected: `at most ${this.#limit()} bytes` });
    }
    return { digest, kind: 'oci', file, size: bytes };
  }

  #limit(): number {
    return Size.parse(this.environment['SANDFORM_IMAGE_LIMIT'] || LIMIT, 'reading SANDFORM_IMAGE_LIMIT').bytes;
  }

  #path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }
}

/** Of one version of one place: two declarations that differ in anything else share what is fetched. */
function keyOf({ fallback: _fallback, digest: _digest, ...place }: NamedSource['source'], version: SourceVersion, digest: string | undefined): string {
  // What has neither version nor digest can't be told from what was there before.
  const identity = hasNames(version) || digest !== undefined ? [place, version, hasNames(version) ? null : digest] : [place, randomUUID()];
  return createHash('sha256').update(canonicalJson(identity)).digest('hex').slice(0, 32);
}

function hasNames(version: SourceVersion): boolean {
  return Object.keys(version).length > 0;
}

function referenceOf(image: StoredImage): PinnedImage['image'] {
  if ('kind' in image) return { digest: image.digest, kind: image.kind };
  const { digest, format, virtualSize } = image;
  return { digest, format, virtualSize };
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When something was last used is what pruning goes by. */
function used(path: string): void {
  if (existsSync(path)) utimesSync(path, new Date(), new Date());
}
