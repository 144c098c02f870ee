import { type CapabilityName, type RunsOn, mustOffer } from '../../lib/capabilities';
import { SandformError } from '../../lib/errors';
import type { Transition } from '../../lib/events';
import { Duration, type DurationText } from '../../lib/units';
import type { EventBus } from '../events';
import { type Domain, type DomainEvent, type DomainStateName, type LibvirtConnection, isLibvirtError } from '../libvirt';
import { askToEnd } from '../containers';
import { DomainWatch } from './domain-watch';
import { assertLegal, illegal } from './legal-transitions';
import { observed } from './observed-events';
import { isContainer, mountRoot } from './mount-root';
import { startNetworks } from './start-networks';

export interface TransitionOptions {
  /** Gives up: before libvirt is asked nothing happens, afterwards only the wait ends. */
  readonly signal?: AbortSignal;
}

export interface PoweronOptions extends TransitionOptions {
  /** Boots even where a saved state is there, which is lost. @default false: goes on from the saved state */
  readonly fresh?: boolean;
}

export interface ShutdownOptions extends TransitionOptions {
  /** How long the guest may take. @default '60s' */
  readonly timeout?: DurationText;
}

export interface RestartOptions extends TransitionOptions {
  /** How long the guest may take. @default '60s' */
  readonly timeout?: DurationText;
  /** Presses the reset button instead of asking the guest. @default false */
  readonly hard?: boolean;
}

/** The power of a sandbox, as those have it who do not own it. */
export type Power = Omit<Lifecycle, typeof Symbol.dispose>;

/**
 * The power of one domain: a state machine on libvirt's own states.
 *
 * Each transition checks the state, fires `pre_X`, acts, waits until libvirt confirms, and fires `post_X`. Where it fails
 * there is no post event; where the state does not allow it there is no event at all. Handlers of these events may call
 * transitions themselves. Transitions act one at a time: each is checked again when its turn comes.
 *
 * Whatever happens to the domain, whoever causes it, is fired as `domain_...`, and the loss of libvirt as `host_lost`.
 *
 * Every transition throws a SandformError: `CAPABILITY_MISSING`, `STATE_TRANSITION_ILLEGAL`, `SANDBOX_GONE` where the domain ended otherwise
 * meanwhile, `STATE_TIMEOUT`, or what libvirt's calls throw.
 */
export class Lifecycle implements Disposable {
  readonly #subscription: Disposable;
  /** Transitions that libvirt was asked for and that have not ended: they explain what it tells. */
  readonly #asked = new Set<{ readonly transition: Transition }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: LibvirtConnection,
    private readonly domain: Domain,
    private readonly events: Pick<EventBus, 'emit'>,
    /** Whose hypervisor may lack transitions. @default one that has all */
    private readonly on: RunsOn = { hypervisor: 'qemu' },
  ) {
    this.#subscription = connection.onDomainEvent((event) => this.#observe(event), { uuid: domain.uuid });
    connection.ended.addEventListener('abort', this.#onEnded, { once: true });
  }

  /** Stops listening. The domain stays as it is. */
  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.connection.ended.removeEventListener('abort', this.#onEnded);
  }

  async state(): Promise<DomainStateName> {
    return (await this.domain.state()).state;
  }

  /** Whether a saved state is there that {@link restore} and {@link poweron} go on from. */
  hasSavedState(): Promise<boolean> {
    return this.domain.hasManagedSave();
  }

  /** Starts it, and networks of ours that it is on and that are off. What a crash left (state `crashed`) is removed first. */
  poweron({ fresh = false, signal }: PoweronOptions = {}): Promise<void> {
    return this.#transition('poweron', { signal }, async (watch, state) => {
      if (state === 'crashed') await this.domain.destroy();
      await this.#start({ forceBoot: fresh });
      await watch.first(isLifecycle('started'), { timeout: CONFIRMATION_MS, signal });
    });
  }

  /** Stops its CPUs; memory stays. */
  pause({ signal }: TransitionOptions = {}): Promise<void> {
    return this.#transition('pause', { signal }, async (watch) => {
      await this.domain.suspend();
      await watch.first(isLifecycle('suspended'), { timeout: CONFIRMATION_MS, signal });
    });
  }

  /** Goes on after a pause, or wakes a guest that suspended itself. */
  resume({ signal }: TransitionOptions = {}): Promise<void> {
    return this.#transition('resume', { signal }, async (watch, state) => {
      if (state === 'pmsuspended') await this.domain.pmWakeup();
      else await this.domain.resume();
      await watch.first((event) => isLifecycle('resumed')(event) || isLifecycle('started')(event), { timeout: CONFIRMATION_MS, signal });
    });
  }

  /**
   * Asks the guest to shut down, again every five seconds, and waits until it is off. It may be powered off meanwhile.
   * When time is up the domain stays as it is. @throws SandformError `STATE_TIMEOUT`
   */
  async shutdown({ timeout = '60s', signal }: ShutdownOptions = {}): Promise<void> {
    const { milliseconds } = Duration.parse(timeout, `shutdown of domain '${this.domain.name}'`);
    await this.#transition('shutdown', { signal, timeout: milliseconds }, async (watch) => {
      const question: Question = { transition: 'shutdown', ask: () => this.#askToEnd(), answer: isLifecycle('stopped'), watch, timeout: milliseconds, signal };
      await this.#ask(question);
      return async () => {
        const event = await this.#answered(question);
        if (event?.kind === 'lifecycle' && event.detail !== 'shutdown') throw this.#gone('shutdown', event.detail);
      };
    });
  }

  /** Cuts its power, whatever it does at the moment. */
  poweroff({ signal }: TransitionOptions = {}): Promise<void> {
    return this.#transition('poweroff', { signal }, async (watch) => {
      await this.domain.destroy();
      await watch.first(isLifecycle('stopped'), { timeout: CONFIRMATION_MS, signal });
    });
  }

  /**
   * Reboots: asks the guest, again every five seconds, and waits until its machine was really reset and its firmware starts; `hard` resets it
   * at once. What the guest does afterwards is not waited for.
   *
   * When time is up nothing was reset, but libvirt still turns the guest's next shutdown into a reboot.
   * @throws SandformError `STATE_TIMEOUT`
   */
  async restart({ timeout = '60s', hard = false, signal }: RestartOptions = {}): Promise<void> {
    const { milliseconds } = Duration.parse(timeout, `restart of domain '${this.domain.name}'`);
    await this.#transition('restart', { signal, timeout: milliseconds }, async (watch) => {
      if (isContainer(this.connection)) return this.#startAnew({ hard, watch, timeout: milliseconds, signal });
      const ask = () => (hard ? this.domain.reset() : this.domain.reboot());
      const answer = (event: DomainEvent) => event.kind === 'reboot' || isLifecycle('started')(event);
      const question: Question = { transition: 'restart', ask, answer, watch, timeout: milliseconds, signal };
      await this.#ask(question);
      return async () => {
        if (!(await this.#answered(question))) throw this.#gone('restart', 'off');
      };
    });
  }

  /** Writes its memory into libvirt's own place for it and stops it. */
  save({ signal }: TransitionOptions = {}): Promise<void> {
    return this.#transition('save', { signal }, async (watch) => {
      await this.domain.managedSave();
      await watch.first(isLifecycle('stopped'), { timeout: CONFIRMATION_MS, signal });
    });
  }

  /** Goes on from the saved state, running or paused as it was. */
  restore({ signal }: TransitionOptions = {}): Promise<void> {
    return this.#transition('restore', { signal }, async (watch, state) => {
      if (!(await this.domain.hasManagedSave())) throw illegal('restore', state, this.domain.name, `the state '${state}' without a saved state`);
      await this.domain.create();
      await watch.first(isLifecycle('started'), { timeout: CONFIRMATION_MS, signal });
    });
  }

  #askToEnd(): Promise<void> {
    return isContainer(this.connection) ? askToEnd(this.connection, this.domain) : this.domain.shutdown();
  }

  /** A container has no machine to reset: it stops and starts. */
  async #startAnew({ hard, watch, timeout, signal }: { readonly hard: boolean; readonly watch: DomainWatch; readonly timeout: number; readonly signal: AbortSignal | undefined }): Promise<undefined> {
    await (hard ? this.domain.destroy() : this.#askToEnd());
    if ((await watch.first(isLifecycle('stopped'), { timeout, signal })) === undefined && (await watch.isActive())) throw this.#late('restart', timeout);
    await this.#start({ forceBoot: false });
    await watch.first(isLifecycle('started'), { timeout: CONFIRMATION_MS, signal });
  }

  async #start(options: { readonly forceBoot: boolean }): Promise<void> {
    await mountRoot(this.connection, this.domain);
    try {
      await this.domain.create(options);
    } catch (error) {
      if (!isLibvirtError(error) || !(await startNetworks(this.connection, this.domain))) throw error;
      await this.domain.create(options);
    }
  }

  async #transition(transition: Transition, { signal, timeout }: { readonly signal: AbortSignal | undefined; readonly timeout?: number }, act: Act): Promise<void> {
    signal?.throwIfAborted();
    mustOffer(this.on, CAPABILITY_OF[transition], `${transition} of domain '${this.domain.name}'`);
    assertLegal(transition, await this.state(), this.domain.name);
    const data = timeout === undefined ? {} : { timeout };
    await this.events.emit(`pre_${transition}`, data, SOURCE);
    const asked = { transition };
    using watch = new DomainWatch(this.connection, this.domain);
    try {
      const finish = await this.#inTurn(async () => {
        signal?.throwIfAborted();
        // Others may have acted since, the handlers of the pre event among them.
        const state = await this.state();
        assertLegal(transition, state, this.domain.name);
        this.#asked.add(asked);
        return act(watch, state);
      });
      // The guest's answer is waited for out of turn, so that it can still be powered off.
      await finish?.();
    } finally {
      this.#asked.delete(asked);
    }
    await this.events.emit(`post_${transition}`, data, SOURCE);
  }

  /** A guest may be done before libvirt's call returns, which then fails for want of a running domain: what was asked for has happened. */
  async #ask({ ask, answer, watch }: Question): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!isLibvirtError(error) || (await watch.first(answer, { timeout: CONFIRMATION_MS, signal: undefined })) === undefined) throw error;
    }
  }

  /**
   * The answer to what was asked; undefined where the domain is off without one. A guest that is still booting hears neither its power button nor
   * its agent's call, so a running one is asked again. Looks at the domain as well: an event could be lost.
   */
  async #answered(question: Question): Promise<DomainEvent | undefined> {
    const { transition, answer, watch, timeout, signal } = question;
    const deadline = performance.now() + timeout;
    for (;;) {
      const event = await watch.first(answer, { timeout: Math.min(ASK_AGAIN_MS, Math.max(deadline - performance.now(), 0)), signal });
      if (event || !(await watch.isActive())) return event;
      if (performance.now() >= deadline) throw this.#late(transition, timeout);
      await this.#inTurn(async () => {
        if ((await watch.isRunning()) && !watch.heard(answer)) await this.#ask(question);
      });
    }
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #late(transition: Transition, timeout: number): SandformError {
    return new SandformError('STATE_TIMEOUT', {
      doing: `${transition} of domain '${this.domain.name}'`,
      given: 'the guest did not react',
      expected: `the guest to react within ${Duration.milliseconds(timeout).toString()}`,
      details: { transition, timeout },
    });
  }

  #gone(transition: Transition, reason: string): SandformError {
    return new SandformError('SANDBOX_GONE', { doing: `${transition} of domain '${this.domain.name}'`, given: `it ended otherwise: ${reason}`, details: { transition, reason } });
  }

  #observe(event: DomainEvent): void {
    const asked = new Set([...this.#asked].map(({ transition }) => transition));
    const starting = asked.has('poweron') || asked.has('restore');
    const cutting = asked.has('poweroff') || (asked.has('restart') && isContainer(this.connection));
    for (const { name, data } of observed(event, { expected: isExpected(event, asked), starting, cutting })) void this.events.emit(name, data, 'libvirt');
  }

  readonly #onEnded = () => {
    const reason: unknown = this.connection.ended.reason;
    if (this.connection.lost) void this.events.emit('host_lost', { error: SandformError.from(reason, `using ${this.connection.uri}`).toJSON() }, 'libvirt');
  };
}

/** What a transition does in its turn; what it gives back is waited for out of turn. */
type Act = (watch: DomainWatch, state: DomainStateName) => Promise<(() => Promise<void>) | undefined>;

/** What a guest is asked for, and how its answer is known. */
interface Question {
  readonly transition: Transition;
  readonly ask: () => Promise<void>;
  readonly answer: (event: DomainEvent) => boolean;
  readonly watch: DomainWatch;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

const SOURCE = 'lifecycle';
/** What a hypervisor must offer for each. */
const CAPABILITY_OF: Readonly<Record<Transition, CapabilityName>> = { poweron: 'poweron', poweroff: 'poweron', pause: 'pause', resume: 'pause', shutdown: 'shutdown', restart: 'restart', save: 'save', restore: 'save' };
/** How long to wait for libvirt to tell of what it just did. It is done all the same. */
const CONFIRMATION_MS = 2_000;
const ASK_AGAIN_MS = 5_000;

function isLifecycle(name: string): (event: DomainEvent) => boolean {
  return (event) => event.kind === 'lifecycle' && event.event === name;
}

function isExpected(event: DomainEvent, asked: ReadonlySet<Transition>): boolean {
  if (asked.has('restart')) return true;
  if (event.kind !== 'lifecycle') return false;
  if (asked.has('poweroff') || asked.has('save')) return true;
  if (asked.has('shutdown')) return event.detail === 'shutdown';
  // The remains of a crash, removed before starting anew.
  return asked.has('poweron') && event.detail === 'destroyed';
}
