import { closeSync, openSync } from 'node:fs';
import type { JournalEntry } from '../../lib/record';
import { writeWhole } from './atomic-file';

/**
 * Appends entries to events.ndjson. Each is handed to the kernel before the call returns, so that it outlives the process,
 * however that ends; at worst the last line is torn.
 */
export class JournalWriter implements Disposable {
  /** Bytes written. */
  size = 0;
  private file: number | undefined;

  constructor(path: string) {
    this.file = openSync(path, 'ax', 0o600);
  }

  append(entry: JournalEntry): void {
    if (this.file === undefined) return;
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    writeWhole(this.file, line);
    this.size += line.length;
  }

  [Symbol.dispose](): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}
