import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import { MOST_OCI_DOCUMENT, OciManifest, compressionOf, rootMistake } from '../../lib/images';
import { type RootReference, parsed } from '../../lib/spec';
import { headOf } from './make-disk';
import { unpackedHead } from './unpack';

/** A root filesystem on this machine, as it was published: a tarball, or the manifest of an image whose layers lie beside it. */
export interface RootFile extends RootReference {
  /** Its name is its digest. */
  readonly file: string;
  /** Bytes, layers and all. */
  readonly size: number;
}

/** What a root filesystem is made of, if all of it is here. @param blobs folder in which files are named by their digests */
export function rootHere(blobs: string, { digest, kind }: RootReference): RootFile | undefined {
  const file = join(blobs, digest);
  try {
    const sizes = rootParts({ digest, kind, file }).map((part) => statSync(part).size);
    return { digest, kind, file, size: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    // Some of it was never fetched, or has been pruned.
    return undefined;
  }
}

/** All files of a root filesystem. @throws where its manifest can't be read */
export function rootParts({ file, kind }: Omit<RootFile, 'size'>): string[] {
  return [file, ...(kind === 'oci' ? layersIn(file, 'reading a manifest').map(({ digest }) => join(dirname(file), digest)) : [])];
}

/** The layers that a manifest names, lowest first. @throws SandformError `ROOT_UNREADABLE` */
export function layersIn(manifest: string, doing: string): { readonly digest: string; readonly size?: number }[] {
  if (statSync(manifest).size > MOST_OCI_DOCUMENT) throw new SandformError('ROOT_UNREADABLE', { doing, given: `a manifest of more than ${MOST_OCI_DOCUMENT} bytes` });
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(manifest, 'utf8'));
  } catch (cause) {
    throw new SandformError('ROOT_UNREADABLE', { doing, given: `a manifest that is no JSON: ${messageOf(cause)}`, cause });
  }
  const { layers } = parsed(OciManifest, document, 'ROOT_UNREADABLE', doing);
  return layers.map(({ digest, ...rest }) => ({ ...rest, digest: digest.slice('sha256:'.length) }));
}

/** Looks whether a file is a tarball, compressed or not, before it is pinned. @throws SandformError `ROOT_UNREADABLE` */
export async function refuseOtherThanTarball(file: string, doing: string, signal: AbortSignal): Promise<void> {
  const head = await headOf(file);
  const compression = compressionOf(head);
  let mistake: ReturnType<typeof rootMistake>;
  try {
    mistake = rootMistake(compression === undefined ? head : await unpackedHead(file, compression, signal));
  } catch (cause) {
    signal.throwIfAborted();
    mistake = { given: `a file whose compression (${compression}) is broken: ${messageOf(cause)}` };
  }
  if (mistake !== undefined) throw new SandformError('ROOT_UNREADABLE', { doing, ...mistake });
}
