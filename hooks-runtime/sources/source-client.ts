import type { PublishedImage, PublishedBytes, SourceVersion } from '../../lib/images';

/** What the place of an image tells beside what a source of one's own may. */
export interface FoundImage extends PublishedImage {
  /** Hashes that the place publishes, each held to the bytes. */
  readonly checks?: readonly PublishedCheck[];
  /** Whether its bytes are a manifest, whose layers are read as versions `{ blob: DIGEST }`. @default false */
  readonly isLayered?: boolean;
}

/** A hash of the whole image that its place publishes. */
export interface PublishedCheck {
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly value: string;
  readonly hash: () => CheckHash;
}

/** A hash that is made while bytes pass. */
export interface CheckHash {
  update(piece: Buffer): unknown;
  digest(encoding: 'hex'): string;
}

/** Everything that fetching asks of a place. One object serves one source. */
export interface SourceClient {
  /**
   * The newest version that fits the declaration.
   * @throws SandformError `IMAGE_NOT_FOUND`, `IMAGE_DENIED`, `IMAGE_UNREACHABLE`
   */
  resolve(): Promise<FoundImage>;
  /**
   * The bytes of one version, from an offset on or from the beginning. Undefined where the place no longer has that version.
   * @throws SandformError `IMAGE_DENIED`, `IMAGE_UNREACHABLE`
   */
  read(version: SourceVersion, options: { readonly offset: number; readonly signal: AbortSignal }): Promise<PublishedBytes | undefined>;
  /** Gives back what it holds, e.g. a connection. */
  close?(): Promise<void>;
}

/** What every client gets. */
export interface ClientContext {
  /** Beginning of messages: which image is being looked for. */
  readonly doing: string;
  /** Folder of the project: relative paths count from there. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}
