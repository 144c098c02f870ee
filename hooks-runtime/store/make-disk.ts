import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SandformError } from '../../lib/errors';
import { type DiskFormat, HEADER_LENGTH, type ImageFile, compressionOf, convertedDigest, diskHeader, looksLikePage, tarballInPlaceOfDisk } from '../../lib/images';
import { converted } from './convert';
import { unpacked } from './unpack';

/** What holds for all that is done to one image. */
export interface DiskMaking {
  /** Beginning of messages. */
  readonly doing: string;
  /** Most bytes that anything made of it may have. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** What a disk is made from. */
export interface Published {
  readonly file: string;
  /** SHA-256. */
  readonly digest: string;
  readonly size: number;
  /** As declared, or as the place told. */
  readonly format?: DiskFormat | undefined;
}

/**
 * Makes what was published a disk that goes to hosts: unpacks it, looks what it is, converts it. A file that is such a disk already stays
 * where it is.
 * @param place where a disk of this digest is to lie
 * @param work file for what is between, overwritten
 * @throws SandformError `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`, `IMAGE_CONVERSION`, `IMAGE_TOO_LARGE`, `DISK_FULL`
 */
export async function madeDisk(published: Published, place: (digest: string) => string, work: string, making: DiskMaking): Promise<ImageFile> {
  const { file: published_, format } = published;
  const compression = compressionOf(await headOf(published_));
  if (compression === undefined) return finished(published, place, work, making);
  await mkdir(dirname(work), { recursive: true });
  try {
    const plain = { file: work, format, ...(await unpacked(published_, work, compression, making)) };
    const disk = await finished(plain, place, `${work}.qcow2`, making);
    if (disk.file !== work) return disk;
    await moved(work, place(disk.digest));
    return { ...disk, file: place(disk.digest) };
  } finally {
    await rm(work, { force: true });
  }
}

/** Of bytes that are not compressed. */
async function finished({ file, digest, size, format: declared }: Published, place: (digest: string) => string, work: string, making: DiskMaking): Promise<ImageFile> {
  const { format, size: virtualSize } = factsOf(await headOf(file), size, declared, making.doing);
  if (format === 'qcow2' || format === 'raw') return { digest, format, virtualSize: virtualSize ?? size, file, size };
  await mkdir(dirname(work), { recursive: true });
  try {
    await converted(file, work, format, making);
    const head = diskHeader(await headOf(work));
    if (head === undefined || !('format' in head) || head.size === undefined) throw new SandformError('IMAGE_CONVERSION', { doing: making.doing, given: 'qemu-img wrote no qcow2 that stands alone' });
    const made = { digest: convertedDigest(digest, format), format: 'qcow2' as const, virtualSize: head.size, size: (await stat(work)).size, content: await contentOf(work) };
    await moved(work, place(made.digest));
    return { ...made, file: place(made.digest) };
  } finally {
    await rm(work, { force: true });
  }
}

function factsOf(head: Buffer, size: number, declared: DiskFormat | undefined, doing: string): { format: DiskFormat; size?: number } {
  const found = diskHeader(head);
  const no = (given: string, expected = 'a disk image: qcow2, vmdk, vdi, vhdx, or raw where that is declared', fix?: string): SandformError =>
    new SandformError('IMAGE_NOT_A_DISK', { doing, given, expected, ...(fix === undefined ? {} : { fix }) });
  if (found !== undefined && 'refersTo' in found) throw new SandformError('IMAGE_BACKED', { doing, given: `it refers to ${found.refersTo}` });
  if (found !== undefined && 'broken' in found) throw no(found.broken);
  if (found !== undefined) {
    if (declared === undefined || declared === found.format) return found;
    throw no(`a disk of format ${found.format}`, `one of format ${declared}, as declared`, 'correct the format where the source is declared');
  }
  if (looksLikePage(head)) throw no('a page for browsers, such as servers send in place of what is missing', 'a disk image', 'open the address in a browser: it may ask to log in, or tell where the image is now');
  const tarball = tarballInPlaceOfDisk(head);
  if (tarball !== undefined) throw no(tarball.given, undefined, tarball.fix);
  if (declared === 'raw' && size > 0) return { format: 'raw', size };
  throw no(`${size} bytes without the header of any known format`, undefined, "if it is a raw disk, say so with `format: 'raw'`");
}

/** The first bytes of a file. */
export async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_LENGTH), 0, HEADER_LENGTH, 0);
  return buffer.subarray(0, bytesRead);
}

/** SHA-256 of a file. */
export async function contentOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

async function moved(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
