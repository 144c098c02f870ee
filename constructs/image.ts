import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type DiskFormat, type ImageIndexEntry, type ImageReference, type ImageSource, type CustomImageSource, type NamedSource, type RootReference, SandformError, cacheFolder, describeSource, imageIndexFile, messageOf } from '../lib';
import { codeOrigin } from './code-origin';
import { declaredReference, declaredRoot } from './declared-image';
import { diskImageFacts } from './disk-image-file';
import { fileDigest, writeAtomically } from './file-digest';
import type { GlanceImageChoice, GlanceImageOptions, ImageSourceOptions, OciImageOptions, PoolImageOptions, PoolVolumeChoice, S3ImageChoice, S3ImageOptions } from './image-options';
import { projectFolder } from './project';
import { tarballReference } from './root-tarball';

export interface ImageOptions {
  /** @default what the file itself says; only raw images don't */
  readonly format?: DiskFormat;
}

/**
 * Where a disk image comes from, or by RootFilesystem.fromImage the root filesystem of a container. A plan names it by what it holds; where it lies is noted on this machine alone, for the
 * deploy that follows.
 */
export class Image {
  private constructor(
    private readonly describe: (doing: string) => ImageReference,
    private readonly what: string,
    private readonly describeRoot: (doing: string) => RootReference = (doing) => {
      throw new SandformError('PROP_INVALID', { doing, given: what, expected: 'an image of Image.fromPath or of a source' });
    },
  ) {}

  /**
   * A disk image in a file of this machine: qcow2, raw, vmdk, vdi or vhdx, as it is or compressed (gz, xz, zst). A relative path counts
   * from the project's folder.
   */
  static fromPath(path: string, { format }: ImageOptions = {}): Image {
    return new Image((doing) => {
      const file = resolve(projectFolder(), path);
      const facts = diskImageFacts(file, format, doing);
      if (facts === 'to be made') return declaredReference({ name: nameOf(path), source: { kind: 'file', path: file, ...(format === undefined ? {} : { format }) } }, doing);
      return noted(file, { ...facts, digest: fileDigest(file) });
    }, path, (doing) => {
      refuseFormat(format, doing);
      return tarballReference(path, doing);
    });
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

  /** A disk image behind an http or https address. Redirects are followed; proxies come from `http_proxy`, `https_proxy` and `no_proxy`. */
  static fromHttp(url: string, options: ImageSourceOptions = {}): Image {
    return ofSource({ kind: 'http', url }, options, URL.parse(url)?.pathname ?? url);
  }

  /** A volume of a storage pool that libvirt has already. */
  static fromPool(pool: string, choice: PoolVolumeChoice, { uri, ...options }: PoolImageOptions = {}): Image {
    return ofSource({ kind: 'pool', pool, ...choice, ...(uri === undefined ? {} : { uri }) }, options, 'volume' in choice ? choice.volume : `${pool}-${choice.newest}`);
  }

  /** An image of OpenStack's image service. Credentials are looked for where OpenStack's own tools do, and never written anywhere. */
  static fromGlance({ id, name, properties, tags, newest = 'made' }: GlanceImageChoice, { cloud, region, ...options }: GlanceImageOptions = {}): Image {
    const choice = defined({ id, name, properties, tags: tags === undefined ? undefined : [...tags] });
    const source = { kind: 'glance', ...choice, ...(newest === 'made' ? {} : { newest }), ...defined({ cloud, region }) } as const;
    return Object.keys(choice).length > 0 ? ofSource(source, options, name ?? id ?? 'glance') : refused('fromGlance', 'nothing to choose by', 'id, name, properties or tags');
  }

  /** An object of an S3-compatible store. Credentials are looked for where AWS's own tools do, and never written anywhere. */
  static fromS3({ bucket, key, versionId }: S3ImageChoice, { endpoint, region, profile, ...options }: S3ImageOptions = {}): Image {
    return ofSource({ kind: 's3', bucket, key, ...defined({ versionId, endpoint, region, profile }) }, options, key);
  }

  /** A disk that is published as an OCI artifact, or for a container also an image in layers: `HOST/NAME:TAG` or `HOST/NAME@sha256:...` of a registry, `./FOLDER:TAG` of an OCI layout. */
  static fromOci(reference: string, { file, architecture, ...options }: OciImageOptions = {}): Image {
    return ofSource({ kind: 'oci', reference, ...defined({ file, architecture }) }, options, reference.replace(/@sha256:.*$/, '').replace(/:(?!.*\/)/, '-'));
  }

  /** A source of one's own; see docs/extending.md. */
  static from(custom: CustomImageSource, options: ImageSourceOptions = {}): Image {
    const { source, name } = custom.constructor as unknown as { readonly source: string; readonly name: string };
    const named = (doing: string): NamedSource => {
      const from = codeOrigin({ source, export: name }, 'PROP_INVALID', `${doing}: image source ${name}`);
      return { name: options.name ?? nameOf(name), source: { kind: 'custom', from, config: { ...custom.config }, ...common(options) } };
    };
    return Image.ofNamed(named, name);
  }

  /** @internal */
  static ofSource(source: ImageSource, name: string): Image {
    return Image.ofNamed(() => ({ name, source }), describeSource(source));
  }

  private static ofNamed(named: (doing: string) => NamedSource, what: string): Image {
    return new Image(
      once((doing) => declaredReference(named(doing), doing)),
      what,
      once((doing) => {
        const { name, source } = named(doing);
        refuseFormat(source.format, doing);
        return declaredRoot({ name, source: { ...source, holds: 'root' } }, doing);
      }),
    );
  }

  /** @internal */
  static unusable(what: string, doing: string, given: string, expected: string): Image {
    const refuse = (where: string): never => {
      throw new SandformError('PROP_INVALID', { doing: `${where}: ${doing}`, given, expected });
    };
    return new Image(refuse, what, refuse);
  }

  /**
   * What the plan calls it. Reads the file, or the lock.
   * @param doing beginning of messages
   * @throws SandformError `IMAGE_MISSING`, `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`, `IMAGE_UNLOCKED`, `IMAGE_LOCK_INVALID`, and those of the source where the lock does
   *   not hold it
   */
  reference(doing: string): ImageReference {
    return this.describe(`${doing}: reading image ${this.what}`);
  }

  /** What the plan calls it where it is taken for the root filesystem of a container. @internal */
  rootReference(doing: string): RootReference {
    return this.describeRoot(`${doing}: reading root filesystem ${this.what}`);
  }
}

/** Asked for many times in a synth: neither what was fetched nor what failed is tried again. */
function once<Result>(work: (doing: string) => Result): (doing: string) => Result {
  let known: { readonly result: Result } | undefined;
  let failure: unknown;
  return (doing) => {
    if (failure !== undefined) throw failure as Error;
    try {
      return (known ??= { result: work(doing) }).result;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
}

function refuseFormat(format: DiskFormat | undefined, doing: string): void {
  if (format !== undefined) throw new SandformError('PROP_INVALID', { doing, given: `format: '${format}'`, expected: 'no format, which only disks have', fix: 'leave it out: what a tarball is compressed with is found out' });
}

function ofSource(place: Place, options: ImageSourceOptions, name: string): Image {
  return Image.ofSource({ ...place, ...common(options) } as ImageSource, options.name ?? nameOf(name));
}

/** A source without what any source may have. */
type Place = Pick<ImageSource, 'kind'> & Readonly<Record<string, unknown>>;

function refused(what: string, given: string, expected: string): Image {
  return Image.unusable(what, `Image.${what}`, given, expected);
}

function common({ digest, format, fallback }: ImageSourceOptions) {
  return defined({ digest, format, fallback });
}

function defined<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [Key in keyof Values]?: Exclude<Values[Key], undefined> };
}

/** A name that lock and command line take, made of where an image comes from. */
function nameOf(where: string): string {
  return basename(where).replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 120) || 'image';
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
