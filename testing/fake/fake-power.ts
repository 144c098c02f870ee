import { setTimeout as pause } from 'node:timers/promises';
import type { EventBus } from '../../hooks-runtime/events';
import { type Power, type TransitionOptions, assertLegal, illegal } from '../../hooks-runtime/lifecycle';
import type { Transition } from '../../lib/events';

/** libvirt's words for what the power of a domain is. */
export type FakeState = Awaited<ReturnType<Power['state']>>;

/** What each transition leads to, and what libvirt tells of it. */
const EFFECTS: Readonly<Record<Transition, readonly [FakeState, ...([name: string, data: Readonly<Record<string, unknown>>] | [])]>> = {
  poweron: ['running', 'domain_started', { reason: 'booted' }],
  pause: ['paused', 'domain_suspended', { reason: 'paused' }],
  resume: ['running', 'domain_resumed', { reason: 'unpaused' }],
  shutdown: ['shutoff', 'domain_stopped', { reason: 'shutdown', expected: true }],
  poweroff: ['shutoff', 'domain_stopped', { reason: 'destroyed', expected: true }],
  restart: ['running', 'domain_rebooted', { expected: true }],
  save: ['shutoff', 'domain_stopped', { reason: 'saved', expected: true }],
  restore: ['running', 'domain_started', { reason: 'restored' }],
};

/** The state machine of power, with nothing behind it. */
export class FakePower implements Power {
  private saved = false;

  constructor(
    private readonly name: string,
    private readonly events: EventBus,
    public current: FakeState,
    private readonly onChange: (transition: Transition) => void,
  ) {}

  state(): Promise<FakeState> {
    return Promise.resolve(this.current);
  }

  hasSavedState(): Promise<boolean> {
    return Promise.resolve(this.saved);
  }

  poweron = (options: TransitionOptions = {}) => this.transition('poweron', options);
  pause = (options: TransitionOptions = {}) => this.transition('pause', options);
  resume = (options: TransitionOptions = {}) => this.transition('resume', options);
  shutdown = (options: TransitionOptions = {}) => this.transition('shutdown', options);
  poweroff = (options: TransitionOptions = {}) => this.transition('poweroff', options);
  restart = (options: TransitionOptions = {}) => this.transition('restart', options);
  save = (options: TransitionOptions = {}) => this.transition('save', options);
  restore = (options: TransitionOptions = {}) => this.transition('restore', options);

  private async transition(transition: Transition, { signal }: TransitionOptions): Promise<void> {
    signal?.throwIfAborted();
    assertLegal(transition, this.current, this.name);
    await this.events.emit(`pre_${transition}`, {}, 'lifecycle');
    // As a host would, it takes a moment.
    await pause(0);
    assertLegal(transition, this.current, this.name);
    if (transition === 'restore' && !this.saved) throw illegal('restore', this.current, this.name, `the state '${this.current}' without a saved state`);
    const [state, event, data] = EFFECTS[transition];
    this.current = state;
    if (transition === 'save') this.saved = true;
    if (transition === 'restore' || transition === 'poweron') this.saved = false;
    this.onChange(transition);
    if (event !== undefined) await this.events.emit(event, data, 'libvirt');
    await this.events.emit(`post_${transition}`, {}, 'lifecycle');
  }
}
