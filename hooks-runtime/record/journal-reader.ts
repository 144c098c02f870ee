import { createReadStream } from 'node:fs';
import { JournalEntry } from '../../lib/record';
import { mistakesOf } from '../../lib/spec';

/** Longer lines are none of ours. */
const LONGEST_LINE = 4 * 2 ** 20;

/**
 * Reads the entries of an events.ndjson. A line that is no entry gives undefined: a torn one where a write was cut short, the
 * last of a run that was killed, or one that somebody else wrote.
 */
export async function* journalEntries(path: string): AsyncGenerator<JournalEntry | undefined> {
  for await (const line of lines(path)) yield line === undefined ? undefined : entryOf(line);
}

function entryOf(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return mistakesOf(JournalEntry, entry).length === 0 ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for a line that is too long to be kept in memory. */
async function* lines(path: string): AsyncGenerator<string | undefined> {
  let rest = '';
  let tooLong = false;
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield tooLong ? undefined : part;
      tooLong = false;
    }
    if (rest.length > LONGEST_LINE) [rest, tooLong] = ['', true];
  }
  if (rest !== '' || tooLong) yield tooLong ? undefined : rest;
}
