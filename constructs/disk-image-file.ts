import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type DiskFormat, HEADER_LENGTH, type ImageReference, SandformError, compressionOf, diskHeader, messageOf, tarballInPlaceOfDisk } from '../lib';

/** What the beginning of an image file tells. */
export interface DiskImageFacts {
  readonly format: ImageReference['format'];
  /** Size that the guest sees, bytes. */
  readonly virtualSize: number;
}

/**
 * Looks whether a file is a disk image that refers to nothing outside itself.
 * @returns 'to be made' for one that must be unpacked or converted first
 *
 * @param format as declared; undefined where the file itself must tell
 * @param doing beginning of messages
 * @throws SandformError `IMAGE_MISSING`, `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`
 */
export function diskImageFacts(path: string, format: DiskFormat | undefined, doing: string): DiskImageFacts | 'to be made' {
  const { header: head, size } = beginning(path, doing);
  const found = compressionOf(head) === undefined ? diskHeader(head) : 'compressed';
  if (found === 'compressed') return 'to be made';
  if (found === undefined && format === 'raw' && size > 0 && tarballInPlaceOfDisk(head) === undefined) return { format, virtualSize: size };
  if (found !== undefined && 'refersTo' in found) throw new SandformError('IMAGE_BACKED', { doing, given: `${path} refers to ${found.refersTo}` });
  if (found === undefined || 'broken' in found || (format !== undefined && format !== found.format)) {
    const tarball = tarballInPlaceOfDisk(head);
    if (tarball !== undefined) throw new SandformError('IMAGE_NOT_A_DISK', { doing, given: `${path}: ${tarball.given}`, fix: tarball.fix });
    const given = found !== undefined && 'broken' in found ? `${path}: ${found.broken}` : path;
    const expected = format === undefined ? 'a disk image: qcow2, vmdk, vdi, vhdx, or raw where that is declared' : format === 'raw' ? 'a raw disk image, not empty and of no other format' : `a whole ${format} disk image`;
    throw new SandformError('IMAGE_NOT_A_DISK', { doing, given, expected, ...(format === undefined ? { fix: "if it is a raw image, say so: Image.fromPath(path, { format: 'raw' })" } : {}) });
  }
  return found.format === 'qcow2' && found.size !== undefined ? { format: found.format, virtualSize: found.size } : 'to be made';
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
