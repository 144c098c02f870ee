import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import { type Static, Type } from '../../lib/schema';
import { Duration } from '../../lib/units';
import { durationText } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';
import { isRunning } from './is-running';

const Config = Type.Object(
  {
    sample: Type.Optional(Type.String({ minLength: 1, description: 'path of the file to run, on the machine that runs the protocol' })),
    command: Type.String({ minLength: 1, default: 'start {sample}', description: 'how the guest runs it' }),
    address: durationText({ default: '60s', description: 'how long the guest may take to get an address' }),
    wait: durationText({ default: '10m', description: 'how long the sample is left to itself' }),
    shutdown: durationText({ default: '60s', description: 'how long the guest may take to shut down' }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/**
 * The protocol that SEE's tutorial made customary, as soon as the sandbox is on: waits for an address and fires `ip_address`, fires
 * `run_sample`, waits, pauses, fires `snapshots_capture`, resumes, shuts down, fires `start_analysis` and `wait_analysis`.
 *
 * A step that fails does not keep the later ones from being tried, but without an address nothing is run and nothing waited for. What failed first is the
 * hook's failure.
 */
export class SeeProtocol extends Hook<Config> {
  static override readonly source = __filename;
  static override readonly config = Config;

  override attach(context: HookContext, config: Config): void {
    const { sandbox, events } = context;
    let hasBegun = false;
    const begin = async (): Promise<void> => {
      if (hasBegun) return;
      hasBegun = true;
      await new Protocol(context, config).perform();
    };
    const deadline = [config.address, config.wait, config.shutdown].reduce((sum, text) => sum + Duration.parse(text).milliseconds, MARGIN);
    events.on('post_poweron', begin, { mode: 'async', deadline });
    events.on('run_started', async () => ((await isRunning(sandbox)) ? begin() : undefined), { mode: 'async', deadline });
  }
}

/** For the handlers of its events, which have deadlines of their own. */
const MARGIN = 30 * 60_000;
const LOOK_INTERVAL_MS = 1_000;

/** One performance. */
class Protocol {
  private readonly ending = new AbortController();
  private firstFailure: unknown;

  constructor(
    private readonly context: HookContext,
    private readonly config: Config,
  ) {
    context.events.once('run_ending', () => this.ending.abort());
  }

  async perform(): Promise<void> {
    const { sandbox: { power }, events } = this.context;
    const { sample, command, wait, shutdown } = this.config;
    const isReached = await this.step('waiting for an address', () => this.address());
    if (isReached) {
      if (sample !== undefined) await this.step('running the sample', () => events.emit('run_sample', { sample, command }));
      await this.step('waiting', () => this.pause(Duration.parse(wait).timerMilliseconds));
    }
    const isPaused = await this.step('pausing', () => power.pause());
    await this.step('capturing', () => events.emit('snapshots_capture'));
    if (isPaused) await this.step('resuming', () => power.resume());
    await this.step('shutting down', () => power.shutdown({ timeout: shutdown, signal: this.ending.signal }));
    await this.step('powering off', async () => ((await power.state()) === 'shutoff' ? undefined : power.poweroff()));
    await this.step('starting the analysis', () => events.emit('start_analysis'));
    await this.step('waiting for the analysis', () => events.emit('wait_analysis'));
    if (this.firstFailure !== undefined) throw this.firstFailure as Error;
  }

  /** Whether it ended well. Once the run is ending, nothing more is begun. */
  private async step(doing: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.isEnding()) return false;
    try {
      await work();
      return true;
    } catch (error) {
      // What the end of the run breaks off has not failed.
      if (this.isEnding()) return false;
      const failure = SandformError.from(error, `${this.context.sandbox.address}: ${doing}`);
      this.context.log(`${doing}: ${failure.message}`);
      this.firstFailure ??= failure;
      return false;
    }
  }

  private isEnding(): boolean {
    return this.ending.signal.aborted;
  }

  private async address(): Promise<void> {
    const { sandbox, events, log } = this.context;
    if (sandbox.spec.domain.nics.length === 0) {
      log('the sandbox has no network, so there is no ip_address');
      return;
    }
    if (sandbox.spec.domain.hypervisor === 'vbox') {
      log('VirtualBox tells no addresses of its machines, so there is no ip_address, as in SEE');
      return;
    }
    const until = Date.now() + Duration.parse(this.config.address).milliseconds;
    for (;;) {
      const [first] = (await sandbox.addresses()).filter(({ family }) => family === 'ipv4');
      if (first !== undefined) return events.emit('ip_address', { address: first.address });
      if (Date.now() >= until) throw new SandformError('GUEST_UNREACHABLE', { doing: `${sandbox.address}: waiting for an address`, given: `none within ${this.config.address}`, expected: 'a guest that asks its network for an address', fix: 'look at its screen and console in the record; give it more time with --address-timeout' });
      await this.pause(LOOK_INTERVAL_MS);
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.ending.signal });
  }
}
