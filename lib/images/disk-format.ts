import { Type, type Static } from '../schema';

/** Formats that disks are published in. What goes to a host is `qcow2` or `raw`; the others are converted to `qcow2`. */
export const DiskFormat = Type.Union([Type.Literal('qcow2'), Type.Literal('raw'), Type.Literal('vmdk'), Type.Literal('vdi'), Type.Literal('vhdx')]);
export type DiskFormat = Static<typeof DiskFormat>;

/** What a disk may be compressed with where it is published. */
export type Compression = 'gz' | 'xz' | 'zst';

/** How many bytes from the beginning of a file {@link diskHeader} and {@link compressionOf} want to see. */
export const HEADER_LENGTH = 64 * 1024;

/** What the beginning of a file tells of it. `size`: of the disk that the guest sees, bytes, where the beginning tells it. */
export type DiskHeader =
  | { readonly format: DiskFormat; readonly size?: number }
  /** It refers to other files, which could be any of the machine that opens it. */
  | { readonly refersTo: string }
  | { readonly broken: string };

/** What a file is compressed with, by its first bytes; undefined where it isn't. */
export function compressionOf(head: Buffer): Compression | undefined {
  if (startsWith(head, 0, [0x1f, 0x8b, 0x08])) return 'gz';
  if (startsWith(head, 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz';
  return startsWith(head, 0, [0x28, 0xb5, 0x2f, 0xfd]) ? 'zst' : undefined;
}

/**
 * Reads the header of a disk image, without any program that would follow what it says. Undefined where it is none of the
 * formats that say so themselves: then it may be raw.
 *
 * Formats: https://www.qemu.org/docs/master/interop/qcow2.html; VMware Virtual Disk Format 5.0; VDI as in VirtualBox's VDICore.h;
 * [MS-VHDX].
 */
export function diskHeader(head: Buffer): DiskHeader | undefined {
  if (head.toString('latin1', 0, 4) === 'QFI\xfb') return qcow2Header(head);
  if (head.toString('latin1', 0, 4) === 'KDMV') return vmdkHeader(head);
  if (/^# *Disk DescriptorFile/.test(head.toString('latin1', 0, 64))) return { refersTo: 'the files that its VMDK descriptor names' };
  if (startsWith(head, 64, [0x7f, 0x10, 0xda, 0xbe])) return vdiHeader(head);
  return head.toString('latin1', 0, 8) === 'vhdxfile' ? { format: 'vhdx' } : undefined;
}

/** Whether a file is a page of text for browsers, as servers send them in place of what was asked for. */
export function looksLikePage(head: Buffer): boolean {
  return /^(?:\ufeff|\s)*<(?:!doctype|html|head|\?xml|error)\b/i.test(head.toString('utf8', 0, 512));
}

const QCOW2_LENGTH = 104;
/** Bit of the incompatible features that says that the data lie in another file. */
const EXTERNAL_DATA = 4n;

function qcow2Header(head: Buffer): DiskHeader {
  const version = head.length < 8 ? 0 : head.readUInt32BE(4);
  if (head.length < QCOW2_LENGTH || version < 2 || version > 3) return { broken: `qcow2 of version ${version}, ${head.length} bytes` };
  if (head.readBigUInt64BE(8) !== 0n) return { refersTo: 'a backing file' };
  if (version === 3 && (head.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n) return { refersTo: 'an external data file' };
  return sized('qcow2', head.readBigUInt64BE(24));
}

const SECTOR = 512;

/** The descriptor inside a sparse VMDK may name a parent, and other files as extents. */
function vmdkHeader(head: Buffer): DiskHeader {
  if (head.length < SECTOR) return { broken: `a VMDK of ${head.length} bytes` };
  const from = Number(head.readBigUInt64LE(28)) * SECTOR;
  const length = Number(head.readBigUInt64LE(36)) * SECTOR;
  if (from === 0 || from + length > head.length) return { broken: 'a VMDK whose descriptor is not at its beginning' };
  const descriptor = head.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  const parent = /^\s*parentCID\s*=\s*([0-9a-f]+)/im.exec(descriptor)?.[1];
  if ((parent !== undefined && !/^f{8}$/i.test(parent)) || /^\s*parentFileNameHint/im.test(descriptor)) return { refersTo: 'a parent disk' };
  const extents = [...descriptor.matchAll(/^\s*(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)/gim)].map(([, type = '']) => type.toUpperCase());
  if (extents.length > 1 || extents.some((type) => type !== 'SPARSE')) return { refersTo: 'extents in other files' };
  return sized('vmdk', head.readBigUInt64LE(12) * BigInt(SECTOR));
}

/** Types 1 and 2 stand alone; undo and difference images have a parent. */
function vdiHeader(head: Buffer): DiskHeader {
  if (head.length < 400) return { broken: `a VDI of ${head.length} bytes` };
  const type = head.readUInt32LE(76);
  return type === 1 || type === 2 ? sized('vdi', head.readBigUInt64LE(368)) : { refersTo: 'a parent disk' };
}

function sized(format: DiskFormat, size: bigint): DiskHeader {
  return size === 0n || size > BigInt(Number.MAX_SAFE_INTEGER) ? { broken: `a disk of ${size} bytes` } : { format, size: Number(size) };
}

function startsWith(head: Buffer, at: number, bytes: readonly number[]): boolean {
  return head.subarray(at, at + bytes.length).equals(Buffer.from(bytes));
}
