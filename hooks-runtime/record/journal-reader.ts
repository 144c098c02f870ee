import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { JournalEntry } from '../../lib/record';
import { mistakesOf } from '../../lib/spec';

/** Longer lines are none of ours. */
const LONGEST_LINE = 4 * 2 ** 20;

/**
 * Reads the entries of an events.ndjson. A line that is no entry gives undefined: a torn one where a write was cut short, the
 * last of a run that was killed, or one that somebody else wrote.
 */
export async function* journalEntries(path: string): AsyncGenerator<JournalEntry | undefined> {
  const lines = new JournalLines();
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) yield* lines.push(chunk);
  yield* lines.end();
}

/** Entries from the bytes of an events.ndjson, as they come. */
export class JournalLines {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  /** Of a line that is too long nothing is kept but that it was. */
  private tooLong = false;

  *push(chunk: Buffer): Generator<JournalEntry | undefined> {
    const parts = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) {
      yield this.tooLong ? undefined : entryOf(part);
      this.tooLong = false;
    }
    if (this.rest.length > LONGEST_LINE) [this.rest, this.tooLong] = ['', true];
  }

  /** What remains at the end of the file. */
  *end(): Generator<JournalEntry | undefined> {
    if (this.rest !== '' || this.tooLong) yield this.tooLong ? undefined : entryOf(this.rest);
  }
}

function entryOf(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return mistakesOf(JournalEntry, entry).length === 0 ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
