import { createHash } from 'node:crypto';
import { type Static, Type } from '../schema';
import { Digest, canonicalJson } from '../spec';
import { DiskFormat } from './disk-format';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, maxLength: 2048 });
/** What `*` and `?` in it stand for is looked for among names. */
const Pattern = Type.String({ minLength: 1, maxLength: 255 });

const common = {
  /** SHA-256 of the bytes as published, where it is known beforehand. */
  digest: Type.Optional(Digest),
  /** Format of the disk; absent where the place or the file itself tells. */
  format: Type.Optional(DiskFormat),
  /** What it is taken for; absent: a disk. */
  holds: Type.Optional(Type.Literal('root')),
  /** `newest`: what to take where the pinned version is gone; `stored`: where there is none at its place, or it can't be reached. Absent: fail. */
  fallback: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('stored')])),
};

/** A file of this machine that must be unpacked or converted. */
export const FileSource = Type.Object({ kind: Type.Literal('file'), path: Text, ...common }, closed);
export type FileSource = Static<typeof FileSource>;

/** A file behind an http or https address. */
export const HttpSource = Type.Object({ kind: Type.Literal('http'), url: Type.String({ pattern: '^https?://[^\\s@]+$', maxLength: 4096 }), ...common }, closed);
export type HttpSource = Static<typeof HttpSource>;

/** A volume of a storage pool of libvirt. */
export const PoolSource = Type.Object({ kind: Type.Literal('pool'), pool: Text, volume: Type.Optional(Text), newest: Type.Optional(Pattern), uri: Type.Optional(Text), ...common }, closed);
export type PoolSource = Static<typeof PoolSource>;

/** An image of OpenStack's image service. */
export const GlanceSource = Type.Object(
  {
    kind: Type.Literal('glance'),
    id: Type.Optional(Text),
    name: Type.Optional(Text),
    properties: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,255}$' }), Type.String({ maxLength: 255 }))),
    tags: Type.Optional(Type.Array(Text, { maxItems: 32 })),
    /** Which of several is the newest: the one whose description changed last; absent: the one that was made last. */
    newest: Type.Optional(Type.Literal('updated')),
    /** Entry of clouds.yaml; absent: OS_CLOUD, else OS_* variables. */
    cloud: Type.Optional(Text),
    region: Type.Optional(Text),
    ...common,
  },
  closed,
);
export type GlanceSource = Static<typeof GlanceSource>;

/** An object of an S3-compatible store. */
export const S3Source = Type.Object(
  { kind: Type.Literal('s3'), bucket: Text, key: Text, versionId: Type.Optional(Text), endpoint: Type.Optional(Type.String({ pattern: '^https?://[^\\s@]+$', maxLength: 2048 })), region: Type.Optional(Text), profile: Type.Optional(Text), ...common },
  closed,
);
export type S3Source = Static<typeof S3Source>;

/** A file that is published as an OCI artifact, or an image for containers. */
export const OciSource = Type.Object({ kind: Type.Literal('oci'), reference: Text, file: Type.Optional(Pattern), architecture: Type.Optional(Pattern), ...common }, closed);
export type OciSource = Static<typeof OciSource>;

/** A source of the project's own: a class that a file of the project, or a package that it depends on, exports. */
export const CustomSource = Type.Object(
  {
    kind: Type.Literal('custom'),
    from: Type.Union([Type.Object({ package: Text, export: Text }, closed), Type.Object({ file: Text, digest: Digest, export: Text }, closed)]),
    config: Type.Record(Type.String(), Type.Unknown()),
    ...common,
  },
  closed,
);
export type CustomSource = Static<typeof CustomSource>;

/** Where an image comes from, as it is declared: JSON, and never a secret. */
export const ImageSource = Type.Union([FileSource, HttpSource, PoolSource, GlanceSource, S3Source, OciSource, CustomSource]);
export type ImageSource = Static<typeof ImageSource>;
export type ImageSourceKind = ImageSource['kind'];

/** A source under the name by which lock and command line know it. */
export const NamedSource = Type.Object({ name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$' }), source: ImageSource }, closed);
export type NamedSource = Static<typeof NamedSource>;

/** SHA-256 of a declaration: another one for anything that is declared otherwise. */
export function sourceDigest(source: ImageSource): string {
  return createHash('sha256').update(canonicalJson(source)).digest('hex');
}

/** A source in a few words, for messages; holds no secret, because a declaration holds none. */
export function describeSource(source: ImageSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'http':
      return withoutQuery(source.url);
    case 'pool':
      return `pool ${source.pool}, volume ${source.volume ?? source.newest ?? '?'}`;
    case 'glance':
      return `Glance image ${source.id ?? source.name ?? canonicalJson({ ...source.properties, ...(source.tags === undefined ? {} : { tags: source.tags }) })}`;
    case 's3':
      return `s3://${source.bucket}/${source.key}`;
    case 'oci':
      return `OCI artifact ${source.reference}`;
    case 'custom':
      return `${'file' in source.from ? source.from.file : source.from.package}#${source.from.export}`;
  }
}

/** Queries of signed addresses are credentials. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '?…');
}
