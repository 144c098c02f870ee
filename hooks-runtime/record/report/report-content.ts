import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactSummary, CommandSummary, JournalEntry } from '../../../lib/record';
import type { RunRecord } from '../run-record';

/** How much of a record its report holds, so that a browser can open it. Bytes unless said otherwise. */
const LIMITS = {
  /** Entries of the timeline. */
  timelineHead: 700,
  timelineTail: 300,
  /** Of one output stream. */
  outputHead: 48 * 2 ** 10,
  outputTail: 16 * 2 ** 10,
  /** Of all outputs together. */
  outputs: 2 * 2 ** 20,
  commands: 300,
  picture: 4 * 2 ** 20,
  /** Of all pictures together. */
  pictures: 12 * 2 ** 20,
} as const;

/** One output stream of a command, as far as the report shows it. */
export interface ShownOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly file: string;
  /** Bytes that the command wrote. */
  readonly bytes: number;
  /** Bytes that the file holds. */
  readonly kept: number;
  /** The beginning, and where it was too long the end as well. */
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Bytes between them. */
  readonly omitted: number;
}

export interface ShownCommand {
  readonly command: CommandSummary;
  readonly outputs: readonly ShownOutput[];
}

export interface ShownPicture {
  readonly artifact: ArtifactSummary;
  /** Undefined where the report has no room for it, or it is of a type that browsers don't show. */
  readonly dataUri: string | undefined;
}

/** What a report shows: all of a record that is of bounded size, read into memory. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly commands: readonly ShownCommand[];
  readonly omittedCommands: number;
  readonly pictures: readonly ShownPicture[];
  readonly files: readonly ArtifactSummary[];
  readonly timeline: { readonly head: readonly JournalEntry[]; readonly omitted: number; readonly tail: readonly JournalEntry[]; readonly unreadable: number };
}

/** Reads what a report shows. */
export async function reportContent(record: RunRecord): Promise<ReportContent> {
  const pictures = record.artifacts().filter(isPicture);
  return {
    record,
    commands: shownCommands(record),
    omittedCommands: Math.max(0, record.commands.length - LIMITS.commands),
    pictures: shownPictures(record.folder, pictures),
    files: record.artifacts().filter((artifact) => !isPicture(artifact)),
    timeline: await timelineOf(record),
  };
}

function isPicture({ mediaType }: ArtifactSummary): boolean {
  return mediaType.startsWith('image/');
}

async function timelineOf(record: RunRecord): Promise<ReportContent['timeline']> {
  const head: JournalEntry[] = [];
  const tail: JournalEntry[] = [];
  let omitted = 0;
  let unreadable = 0;
  for await (const entry of record.entries()) {
    if (entry === undefined) unreadable += 1;
    else if (head.length < LIMITS.timelineHead) head.push(entry);
    else if (tail.push(entry) > LIMITS.timelineTail) {
      tail.shift();
      omitted += 1;
    }
  }
  return { head, tail, omitted, unreadable };
}

function shownCommands(record: RunRecord): ShownCommand[] {
  let room: number = LIMITS.outputs;
  return record.commands.slice(0, LIMITS.commands).map((command) => {
    const outputs = (['stdout', 'stderr'] as const).flatMap((stream) => {
      const output = command[stream];
      if (output === undefined) return [];
      const shown = shownOutput(record.folder, stream, output, room);
      room -= shown.head.length + shown.tail.length;
      return shown.bytes === 0 ? [] : [shown];
    });
    return { command, outputs };
  });
}

type Output = NonNullable<CommandSummary['stdout']>;

function shownOutput(folder: string, stream: ShownOutput['stream'], { file, bytes, kept }: Output, room: number): ShownOutput {
  const none = new Uint8Array();
  const read = withFile(join(folder, file), (descriptor, size) => {
    const headSize = Math.min(size, room, LIMITS.outputHead + (size <= LIMITS.outputHead + LIMITS.outputTail ? LIMITS.outputTail : 0));
    const tailSize = Math.min(size - headSize, room - headSize, LIMITS.outputTail);
    return { head: slice(descriptor, 0, headSize), tail: slice(descriptor, size - tailSize, tailSize), size };
  });
  const { head, tail, size } = read ?? { head: none, tail: none, size: 0 };
  return { stream, file, bytes: bytes ?? size, kept: kept ?? size, head, tail, omitted: size - head.length - tail.length };
}

function shownPictures(folder: string, artifacts: readonly ArtifactSummary[]): ShownPicture[] {
  let room: number = LIMITS.pictures;
  return artifacts.map((artifact) => {
    const wanted = artifact.size <= Math.min(LIMITS.picture, room);
    const bytes = wanted ? withFile(join(folder, artifact.file), () => readFileSync(join(folder, artifact.file))) : undefined;
    const type = bytes === undefined ? undefined : typeOf(bytes);
    if (bytes === undefined || type === undefined) return { artifact, dataUri: undefined };
    room -= bytes.length;
    return { artifact, dataUri: `data:${type};base64,${bytes.toString('base64')}` };
  });
}

/** By its first bytes; only types that browsers show and that hold nothing but a picture. */
function typeOf(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  return undefined;
}

/** Undefined for a file that isn't there: a command that wrote nothing has none. */
function withFile<Result>(path: string, work: (descriptor: number, size: number) => Result): Result | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return work(descriptor, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

function slice(descriptor: number, from: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
}
