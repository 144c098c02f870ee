import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type ImageReference, SandformError, messageOf } from '../lib';

/** What the beginning of an image file tells. */
export interface DiskImageFacts {
  readonly format: ImageReference['format'];
  /** Size that the guest sees, bytes. */
  readonly virtualSize: number;
}

const MAGIC = 'QFI\xfb';
const HEADER_LENGTH = 104;
/** Bit of the incompatible features that says that the data lie in another file. */
const EXTERNAL_DATA = 4n;

/**
 * Looks whether a file is a disk image that refers to nothing outside itself.
 * Format: https://www.qemu.org/docs/master/interop/qcow2.html
 *
 * @param format as declared; undefined where the file itself must tell
 * @param doing beginning of messages
 * @throws SandformError `IMAGE_MISSING`, `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`
 */
export function diskImageFacts(path: string, format: ImageReference['format'] | undefined, doing: string): DiskImageFacts {
  const { header, size } = beginning(path, doing);
  const isQcow2 = header.toString('latin1', 0, 4) === MAGIC;
  if (format === 'raw' && !isQcow2 && size > 0) return { format, virtualSize: size };
  if (!isQcow2 || format === 'raw') {
    const expected = format === 'raw' ? 'a raw disk image, not empty and not qcow2' : 'a qcow2 disk image';
    throw new SandformError('IMAGE_NOT_A_DISK', { doing, given: path, expected, ...(format === undefined ? { fix: "if it is a raw image, say so: Image.fromPath(path, { format: 'raw' })" } : {}) });
  }
  return { format: 'qcow2', virtualSize: qcow2Size(header, path, doing) };
}

function qcow2Size(header: Buffer, path: string, doing: string): number {
  const version = header.readUInt32BE(4);
  if (header.length < HEADER_LENGTH || version < 2 || version > 3) {
    throw new SandformError('IMAGE_NOT_A_DISK', { doing, given: `${path}: qcow2 of version ${version}, ${header.length} bytes`, expected: 'a whole qcow2 image of version 2 or 3' });
  }
  const external = version === 3 && (header.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n;
  if (header.readBigUInt64BE(8) !== 0n || external) throw new SandformError('IMAGE_BACKED', { doing, given: path });
  const size = header.readBigUInt64BE(24);
  if (size === 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new SandformError('IMAGE_NOT_A_DISK', { doing, given: `${path}: a disk of ${size} bytes`, expected: 'a disk of a sensible size' });
  }
  return Number(size);
}

function beginning(path: string, doing: string): { header: Buffer; size: number } {
  try {
    const { size } = statSync(path);
    const file = openSync(path, 'r');
    try {
      const header = Buffer.alloc(HEADER_LENGTH);
      return { header: header.subarray(0, readSync(file, header)), size };
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const isFolder = (cause as { code?: unknown }).code === 'EISDIR';
    throw new SandformError(isFolder ? 'IMAGE_NOT_A_DISK' : 'IMAGE_MISSING', { doing, given: path, cause: messageOf(cause) });
  }
}
