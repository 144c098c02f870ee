import { type Static, Type } from '../../lib/schema';
import { Duration, type DurationText } from '../../lib/units';
import { EVENT_NAME, durationText } from './config-types';
import { commandFailed } from './command-failed';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Line = Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1 })], { description: 'a line for the shell of the guest, or a program and its arguments' });
const Options = Type.Object({ run: Line, timeout: Type.Optional(durationText()), cwd: Type.Optional(Type.String({ minLength: 1 })) }, { additionalProperties: false });
const Config = Type.Object(
  { on: Type.Record(Type.String({ pattern: EVENT_NAME }), Type.Union([Line, Options]), { additionalProperties: false, description: 'events, and what to run in the guest on each' }) },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

const TIMEOUT: DurationText = '1m';
/** What the handler may take beside the command itself: the guest may have to boot first. */
const MARGIN = 150_000;

/**
 * Runs commands in the guest on events: `new Commands({ on: { guest_ready: './prepare.sh' } })`. Waits for the guest first, and
 * what fired the event waits for the command. Outputs are recorded; an exit code other than 0 is a failure of the hook.
 */
export class Commands extends Hook<Config, Config> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['exec'] as const;

  override attach(context: HookContext, { on }: Config): void {
    for (const [name, written] of Object.entries(on)) {
      const { run, timeout = TIMEOUT, ...options } = typeof written === 'string' || Array.isArray(written) ? { run: written } : written;
      context.events.on(
        name,
        async (event) => {
          // Its own commands fire events as well: one on `command_finished` would never come to an end.
          if (event.source !== this.name) await this.run(context, run, { timeout, ...options });
        },
        { deadline: Duration.parse(timeout).milliseconds + MARGIN },
      );
    }
  }

  private async run({ sandbox, signal }: HookContext, command: string | readonly string[], options: { readonly timeout: DurationText; readonly cwd?: string }): Promise<void> {
    await sandbox.waitForGuest({ signal });
    const result = await sandbox.commands.run(command, { ...options, signal });
    if (result.exitCode !== 0) throw commandFailed(sandbox.address, result);
  }
}
