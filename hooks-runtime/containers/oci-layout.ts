import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { MOST_OCI_DOCUMENT, OciManifest } from '../../lib/images';
import { parsed } from '../../lib/spec';
import type { LocalRoot } from '../images';
import type { RootWriter } from './root-writer';
import { tarEntries } from './tar-entries';
import { verified } from './verified-file';

/** How a layer says that a name of those below it is gone, or all that a folder held. Source: image-spec, layer.md. */
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Writes the layers of an image one over the other, each checked against its digest. @throws SandformError `IMAGE_CHANGED`, `ROOT_UNREADABLE`, those of the writer */
export async function writeOciImage({ path: blobs, digest }: LocalRoot, writer: RootWriter, doing: string): Promise<void> {
  const manifest = parsed(OciManifest, JSON.parse((await document(blobs, digest, doing)).toString()) as unknown, 'ROOT_UNREADABLE', doing);
  for (const layer of manifest.layers) {
    const hash = layer.digest.slice('sha256:'.length);
    await writeLayer(join(blobs, hash), hash, writer, doing);
  }
}

async function writeLayer(file: string, digest: string, writer: RootWriter, doing: string): Promise<void> {
  const source = verified(file, digest, doing);
  for await (const entry of tarEntries(source.stream, doing)) {
    const name = basename(entry.path);
    if (!name.startsWith(WHITEOUT)) await writer.write(entry);
    else if (name === OPAQUE) await writer.remove(dirname(entry.path), { contentOnly: true });
    else await writer.remove(join(dirname(entry.path), name.slice(WHITEOUT.length)));
  }
  await source.check();
}

async function document(blobs: string, digest: string, doing: string): Promise<Buffer> {
  const path = join(blobs, digest);
  await using file = await open(path, 'r').catch((cause: unknown) => {
    throw new SandformError('IMAGE_MISSING', { doing, given: path, cause });
  });
  const bytes = Buffer.alloc(MOST_OCI_DOCUMENT);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  const found = createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
  if (found !== digest) throw new SandformError('IMAGE_CHANGED', { doing, given: `${path}, which has SHA-256 ${found}` });
  return bytes.subarray(0, bytesRead);
}
