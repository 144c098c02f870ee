import { type Static, Type } from '../../lib/schema';
import { EVENT_NAME, durationText } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Config = Type.Object(
  { timers: Type.Record(Type.String({ pattern: EVENT_NAME }), durationText(), { additionalProperties: false, description: 'events, and how long after the start of the run each is fired' }) },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/** Fires events of your own, each once, so long after the run began: `new Timers({ timers: { poke: '30s' } })`. */
export class Timers extends Hook<Config, Config> {
  static override readonly source = __filename;
  static override readonly config = Config;

  override attach({ events, after }: HookContext, { timers }: Config): void {
    events.once('run_started', () => {
      for (const [name, delay] of Object.entries(timers)) after(delay, () => events.emit(name));
    });
  }
}
