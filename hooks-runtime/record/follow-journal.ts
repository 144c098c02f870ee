import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEntry } from '../../lib/record';
import { JournalLines } from './journal-reader';
import { isRunning } from './run-record';

/** Milliseconds between looks for more. */
const LOOK_INTERVAL = 200;
/** Bytes of one look. */
const PIECE = 2 ** 20;

/** The entries of a run, those that are there and those that come, until the run has ended or the signal is aborted. */
export async function* followJournal(folder: string, signal: AbortSignal): AsyncGenerator<JournalEntry | undefined> {
  const path = join(folder, 'events.ndjson');
  const lines = new JournalLines();
  let offset = 0;
  for (let last = false; ; ) {
    for (;;) {
      const piece = await pieceOf(path, offset);
      offset += piece.length;
      yield* lines.push(piece);
      if (piece.length < PIECE) break;
    }
    if (last || signal.aborted) break;
    // Looked at before the last look for more: what the run wrote at its end is not missed.
    last = !isRunning(folder);
    if (!last) await pause(LOOK_INTERVAL, undefined, { signal }).catch(() => undefined);
  }
  yield* lines.end();
}

async function pieceOf(path: string, offset: number): Promise<Buffer> {
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE), 0, PIECE, offset);
  return buffer.subarray(0, bytesRead);
}
