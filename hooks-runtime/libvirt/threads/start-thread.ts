import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A worker starts plain Node, whatever compiles TypeScript for the thread that starts it: beside sources it is what `npm run build` made of them. */
const FOLDER = extname(__filename) === '.ts' ? join(__dirname, '../../../dist/hooks-runtime/libvirt/threads') : __dirname;

/** Starts a thread of this room: `entry` is the name of a file beside this one. */
export function startThread(entry: 'call-thread' | 'event-thread', workerData?: unknown): Worker {
  return new Worker(join(FOLDER, `${entry}.js`), { workerData });
}
