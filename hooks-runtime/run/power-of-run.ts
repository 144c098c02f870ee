import { SandformError } from '../../lib/errors';
import type { Sandbox } from '../sandbox';

/** States in which a sandbox is off. */
const OFF: ReadonlySet<string> = new Set(['shutoff', 'shutdown', 'crashed']);

/** Powers a sandbox on for a run if it is off, and off again if this run powered it on. */
export class PowerOfRun {
  private poweringOn: Promise<void> | undefined;

  constructor(private readonly sandbox: Sandbox) {}

  async on(): Promise<void> {
    if (!OFF.has(await this.sandbox.power.state())) return;
    this.poweringOn = this.sandbox.power.poweron();
    await this.poweringOn;
  }

  /** @throws SandformError `STATE_TRANSITION_ILLEGAL` for a sandbox that neither runs nor is off */
  async mustRun(): Promise<void> {
    const state = await this.sandbox.power.state();
    if (state === 'running' || state === 'blocked') return;
    throw new SandformError('STATE_TRANSITION_ILLEGAL', { doing: `${this.sandbox.address}: running commands`, given: `a sandbox that is ${state}`, expected: 'a running sandbox', fix: 'resume it first' });
  }

  async off(): Promise<void> {
    if (this.poweringOn === undefined) return;
    await this.poweringOn.catch(() => undefined);
    if (!OFF.has(await this.sandbox.power.state())) await this.sandbox.power.poweroff();
  }
}
