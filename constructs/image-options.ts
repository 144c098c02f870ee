import type { DiskFormat } from '../lib';

/** What may be said of an image wherever it comes from. */
export interface ImageSourceOptions {
  /** How sandform.lock.json and the command line call it; unique in the project. @default made of where it comes from */
  readonly name?: string;
  /** SHA-256 of the bytes as published, lower-case hexadecimal. @default what comes at the first time is pinned by the lock */
  readonly digest?: string;
  /** Format of the disk. @default what the place or the file itself says; only raw disks don't */
  readonly format?: DiskFormat;
  /**
   * What to do at synth, and say so. `newest`: take the newest one where the pinned version is gone from its place and is not on this machine.
   * `stored`: take the last one that this machine fetched where nothing is pinned, and the place has none any more or can't be reached.
   * @default an error
   */
  readonly fallback?: 'newest' | 'stored';
}

/** Which volume of a storage pool: by name, or the one that was changed last among those whose names fit a pattern of `*` and `?`. */
export type PoolVolumeChoice = { readonly volume: string } | { readonly newest: string };

export interface PoolImageOptions extends ImageSourceOptions {
  /** libvirt that has the pool. @default LIBVIRT_DEFAULT_URI of whoever fetches, else qemu:///system */
  readonly uri?: string;
}

/** Which image of OpenStack: by id, by name, or by properties and tags; of several that are active the newest. */
export interface GlanceImageChoice {
  readonly id?: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** Which of several is the newest: the one that was `made` last, or the one whose description was `updated` last. @default 'made' */
  readonly newest?: 'made' | 'updated';
}

export interface GlanceImageOptions extends ImageSourceOptions {
  /** Entry of clouds.yaml. @default OS_CLOUD, else the OS_* variables, of whoever fetches */
  readonly cloud?: string;
  /** @default that of the cloud's settings */
  readonly region?: string;
}

/** Which object of an S3-compatible store. */
export interface S3ImageChoice {
  readonly bucket: string;
  readonly key: string;
  /** @default the newest */
  readonly versionId?: string;
}

export interface S3ImageOptions extends ImageSourceOptions {
  /** @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL of whoever fetches, else Amazon's */
  readonly endpoint?: string;
  /** @default as the AWS command line finds it */
  readonly region?: string;
  /** Profile of ~/.aws/config. @default as the AWS command line finds it */
  readonly profile?: string;
}

export interface OciImageOptions extends ImageSourceOptions {
  /** Pattern of the file's name in an artifact of several. @default its only file */
  readonly file?: string;
  /** Which of an index of several, as OCI calls it. @default 'amd64' */
  readonly architecture?: string;
}
