/** Bytes of a CD's sector. */
const SECTOR = 2048;
/** Sectors of what a CD begins with: 16 for systems, two descriptors, two path tables. */
const [DESCRIPTOR, END, PATHS, PATHS_BIG_ENDIAN, ROOT, DATA] = [16, 17, 18, 19, 20, 21];

/**
 * A CD with a few files in its root, the same bytes for the same files: it bears no date. Format: ECMA-119 (ISO 9660), names of level 2.
 * @param volume label: upper-case letters, digits, `_`; systems take others as well
 * @param files by their names: the same, and one `.`; systems take `-` as well, and Linux shows them in lower case, without a `.` at the end
 */
export function isoImage(volume: string, files: Readonly<Record<string, Uint8Array>>): Buffer {
  let end = DATA;
  const placed = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, content]) => {
    const sector = end;
    end += Math.max(1, Math.ceil(content.length / SECTOR));
    return { name, content, sector };
  });
  const image = Buffer.alloc(end * SECTOR);
  const at = (sector: number) => image.subarray(sector * SECTOR, (sector + 1) * SECTOR);
  const root = record('\0', ROOT, SECTOR, true);
  describeVolume(at(DESCRIPTOR), volume, end, root);
  at(END).write('\xffCD001\x01', 'latin1');
  pathTable(at(PATHS), false);
  pathTable(at(PATHS_BIG_ENDIAN), true);
  Buffer.concat([root, record('\x01', ROOT, SECTOR, true), ...placed.map(({ name, content, sector }) => record(`${name};1`, sector, content.length, false))]).copy(at(ROOT));
  for (const { content, sector } of placed) image.set(content, sector * SECTOR);
  return image;
}

const PATH_TABLE_BYTES = 10;

/** ECMA-119, 8.4 */
function describeVolume(sector: Buffer, volume: string, sectors: number, root: Buffer): void {
  sector.fill(' ', 8, 72).write('\x01CD001\x01', 'latin1');
  sector.write(volume, 40, 'latin1');
  bothEndian(sector, 80, sectors);
  for (const [offset, value] of [[120, 1], [124, 1], [128, SECTOR]] as const) bothEndian16(sector, offset, value);
  bothEndian(sector, 132, PATH_TABLE_BYTES);
  sector.writeUInt32LE(PATHS, 140);
  sector.writeUInt32BE(PATHS_BIG_ENDIAN, 148);
  root.copy(sector, 156);
  sector.fill(' ', 190, 813);
  // Four dates that are not given: digits of zero, then no offset from Greenwich
  for (const offset of [813, 830, 847, 864]) sector.fill('0', offset, offset + 16);
  sector[881] = 1;
}

/** ECMA-119, 9.4: the root alone. */
function pathTable(sector: Buffer, bigEndian: boolean): void {
  sector[0] = 1;
  if (bigEndian) {
    sector.writeUInt32BE(ROOT, 2);
    sector.writeUInt16BE(1, 6);
  } else {
    sector.writeUInt32LE(ROOT, 2);
    sector.writeUInt16LE(1, 6);
  }
}

/** ECMA-119, 9.1 */
function record(name: string, sector: number, bytes: number, isFolder: boolean): Buffer {
  const length = 33 + name.length + ((33 + name.length) % 2);
  const entry = Buffer.alloc(length);
  entry[0] = length;
  bothEndian(entry, 2, sector);
  bothEndian(entry, 10, bytes);
  entry[25] = isFolder ? 2 : 0;
  bothEndian16(entry, 28, 1);
  entry[32] = name.length;
  entry.write(name, 33, 'latin1');
  return entry;
}

function bothEndian(target: Buffer, offset: number, value: number): void {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
}

function bothEndian16(target: Buffer, offset: number, value: number): void {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
}
