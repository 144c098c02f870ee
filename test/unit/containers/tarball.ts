import { type Header, pack } from 'tar-stream';

/** A thing of a tarball. */
export type Thing = Partial<Header> & { readonly name: string; readonly content?: string };

export async function tarball(things: readonly Thing[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of things) tar.entry(header, content);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar as unknown as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
