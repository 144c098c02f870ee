import { type Static, Type } from '../schema';

/** Longest document of an OCI layout that is read, bytes. */
export const MOST_OCI_DOCUMENT = 4 * 2 ** 20;

const OciDigest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
const Descriptor = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: OciDigest,
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  platform: Type.Optional(Type.Object({ os: Type.String(), architecture: Type.String() })),
});

/** `index.json` of an OCI layout, or the index of an image for several platforms. Source: image-spec, image-index.md. */
export const OciIndex = Type.Object({ manifests: Type.Array(Descriptor) });
export type OciIndex = Static<typeof OciIndex>;

/** An image. Source: image-spec, manifest.md. */
export const OciManifest = Type.Object({ layers: Type.Array(Type.Object({ digest: OciDigest, size: Type.Optional(Type.Integer({ minimum: 0 })) })) });
export type OciManifest = Static<typeof OciManifest>;

/** Name by which a layout knows an image. */
export const OCI_NAME = 'org.opencontainers.image.ref.name';
/** Media type of an image for several platforms. */
export const OCI_INDEX_TYPE = /^application\/vnd\.(oci\.image\.index|docker\.distribution\.manifest\.list)\./;
