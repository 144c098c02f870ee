import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Starts a thread of this room: `entry` is the name of a file beside this one. */
export function startThread(entry: 'call-thread' | 'event-thread', workerData?: unknown): Worker {
  const file = join(__dirname, `${entry}${extname(__filename)}`);
  // A worker starts plain Node, whatever compiles TypeScript for the thread that starts it.
  if (extname(__filename) === '.ts') return new Worker(`require(${JSON.stringify(require.resolve('tsx/cjs'))}); require(${JSON.stringify(file)})`, { eval: true, workerData });
  return new Worker(file, { workerData });
}
