import { diskHeader, looksLikePage } from './disk-format';

/** Why a file is no tarball, for messages. */
export interface RootMistake {
  readonly given: string;
  readonly fix?: string;
}

/** What is wrong with a file that should be a tarball, by its first bytes as they are once decompressed; undefined where it begins like one. */
export function rootMistake(head: Buffer): RootMistake | undefined {
  if (beginsLikeTarball(head)) return undefined;
  if (looksLikePage(head)) return { given: 'a page for browsers, such as servers send in place of what is missing', fix: 'open the address in a browser: it may ask to log in, or tell where the file is now' };
  const disk = diskHeader(head);
  if (disk === undefined) return { given: 'a file that does not begin like a tarball' };
  return { given: `a disk image${'format' in disk ? ` (${disk.format})` : ''}`, fix: 'a disk is booted by a virtual machine: Guest.fromImage(image); a container takes a tarball of its files' };
}

/** What to say where a tarball was given and a disk is wanted; undefined where it is none. @param head first bytes, decompressed */
export function tarballInPlaceOfDisk(head: Buffer): Required<RootMistake> | undefined {
  return beginsLikeTarball(head) ? { given: 'a tarball', fix: 'a root filesystem is for containers: Guest.container(RootFilesystem.fromImage(image))' } : undefined;
}

const HEADER = 512;
const [SUM_FROM, SUM_TO] = [148, 156];

/** Whether its first header has the checksum that it says. Source: POSIX pax, ustar interchange format. */
function beginsLikeTarball(head: Buffer): boolean {
  if (head.length < HEADER) return false;
  const said = /^[\0 ]*([0-7]+)[\0 ]/.exec(head.toString('latin1', SUM_FROM, SUM_TO))?.[1];
  const sum = head.subarray(0, HEADER).reduce((total, byte, at) => total + (at >= SUM_FROM && at < SUM_TO ? 0x20 : byte), 0);
  return said !== undefined && Number.parseInt(said, 8) === sum;
}
