import { type Static, Type } from '../../lib/schema';
import { Duration } from '../../lib/units';
import { durationText } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';
import { isRunning } from './is-running';

const Config = Type.Object({ timeout: durationText({ default: '2m', description: 'how long the guest may take to answer' }) }, { additionalProperties: false });
type Config = Static<typeof Config>;

/** Room for the handler to end by itself after the guest's time is over. */
const MARGIN = 5_000;

/**
 * Waits until the guest answers, whenever the sandbox was powered on or restored, and when a run begins on one that is on. What
 * comes after finds a guest that answers, and `guest_ready` is fired.
 */
export class WaitForGuest extends Hook<Config> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['exec'] as const;

  override attach({ sandbox, events, signal }: HookContext, { timeout }: Config): void {
    const wait = async (): Promise<void> => void (await sandbox.waitForGuest({ timeout, signal }));
    const options = { deadline: Duration.parse(timeout).milliseconds + MARGIN };
    events.on('post_poweron', wait, options);
    events.on('post_restore', wait, options);
    events.on('run_started', async () => ((await isRunning(sandbox)) ? wait() : undefined), options);
  }
}
