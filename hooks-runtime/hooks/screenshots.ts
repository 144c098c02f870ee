import { SandformError } from '../../lib/errors';
import { type Static, Type } from '../../lib/schema';
import { durationText, eventName } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';
import { isRunning } from './is-running';

const Config = Type.Object(
  {
    on: Type.Array(eventName(), { default: [], description: 'events on which to take a picture' }),
    every: Type.Optional(durationText({ description: 'interval at which to take pictures' })),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/**
 * Takes a picture of the sandbox's screen on chosen events and at intervals, and fires `screenshot_taken`.
 *
 * A picture that was kept before is not kept again; at intervals it is passed over. Needs a display.
 */
export class Screenshots extends Hook<Config> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['screen'] as const;

  override attach(context: HookContext, { on, every }: Config): void {
    for (const name of new Set(on)) context.events.on(name, (event) => this.take(context, event.name));
    if (every !== undefined) context.every(every, () => this.takeIfOn(context));
  }

  private async take({ sandbox, record, events }: HookContext, reason: string, { evenIfKnown = true } = {}): Promise<void> {
    const { bytes, type } = await sandbox.screen.capture();
    const { file, repeated } = await record.add('screenshot', bytes, { type, reason });
    if (evenIfKnown || !repeated) await events.emit('screenshot_taken', { artifact: file, reason });
  }

  /** A sandbox that is off, or goes off in this moment, has no screen, and at an interval that is no failure. */
  private async takeIfOn(context: HookContext): Promise<void> {
    try {
      if (await isRunning(context.sandbox)) await this.take(context, 'interval', { evenIfKnown: false });
    } catch (error) {
      if (!SandformError.is(error) || error.code !== 'SANDBOX_OFF') throw error;
    }
  }
}
