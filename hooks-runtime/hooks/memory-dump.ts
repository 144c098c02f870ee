import { pipeline } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { type Static, Type } from '../../lib/schema';
import { eventName } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Config = Type.Object({ on: Type.Array(eventName(), { minItems: 1, description: 'events on which to dump the memory' }) }, { additionalProperties: false });
type Config = Static<typeof Config>;

/** Copying and compressing memory takes its time, milliseconds. */
const DEADLINE = 15 * 60_000;

/**
 * Dumps the memory of the sandbox on chosen events: an ELF core, compressed by gzip, which the usual tools read once it is unpacked. Fires
 * `memory_dumped`. The guest stands still meanwhile; one that was paused stays paused.
 */
export class MemoryDump extends Hook<Config, Config> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['memory'] as const;

  override attach({ sandbox, events, record, signal }: HookContext, { on }: Config): void {
    for (const name of new Set(on)) {
      events.on(
        name,
        async ({ name: reason }) => {
          const { file } = await record.keep('memory', compressed(sandbox.memory.dump(), signal), { type: 'application/gzip', reason });
          await events.emit('memory_dumped', { artifact: file, reason });
        },
        { deadline: DEADLINE },
      );
    }
  }
}

/** Where either side fails, both end. */
function compressed(bytes: AsyncIterable<Buffer>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  // A failure is met by whoever reads.
  void pipeline(bytes, gzip, () => undefined);
  signal.addEventListener('abort', () => gzip.destroy(signal.reason as Error), { once: true });
  return gzip;
}
