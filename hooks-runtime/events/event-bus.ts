import { AsyncLocalStorage } from 'node:async_hooks';
import { SandformError, messageOf } from '../../lib/errors';
import { type EventData, type SandboxEvent, isEventName } from '../../lib/events';
import { printable } from '../../lib/text';
import { DEFAULT_LIMITS, EventBudget, type EventLimits } from './event-limits';
import { HandlerClock, failureOf, isPromiseLike } from './handler-clock';
import { type Listed, type Subscription, Subscriptions } from './subscriptions';
import { Turn } from './turn';

export type EventHandler<Name extends string> = (event: SandboxEvent<EventData<Name>>) => void | Promise<void>;

export type Unsubscribe = () => void;

export interface SubscribeOptions {
  /** `sync`: the one who fires waits for it; `async`: it runs beside and is awaited by `drain`. @default 'sync' */
  readonly mode?: 'sync' | 'async';
  /** Who is told of as having failed. @default 'program' */
  readonly subscriber?: string;
  /** Milliseconds that one call may take. @default that of the bus */
  readonly deadline?: number;
}

/** A handler that threw, hung, or fired too much. */
export interface HandlerFailure {
  readonly subscriber: string;
  /** What it was handling; undefined for a task that no event started. */
  readonly event: SandboxEvent | undefined;
  /** `HOOK_FAILED`, `HOOK_DEADLINE`, `HOOK_FLOOD`, or the coded error that the handler threw. */
  readonly error: SandformError;
}

export interface EventBusOptions {
  /** Milliseconds that one call of a handler may take. @default 60000 */
  readonly deadline?: number;
  readonly limits?: Partial<EventLimits>;
}

/** Which turn a call belongs to: set for synchronous handlers only, since asynchronous ones take turns like everybody else. */
const scopes = new AsyncLocalStorage<{ readonly bus: EventBus; readonly turn: Turn } | undefined>();
/** Sources that only the runtime and the program itself fire as; all others are hooks and have a budget. */
const UNLIMITED: ReadonlySet<string> = new Set(['lifecycle', 'libvirt', 'guest', 'run', 'program']);
const DONE = Promise.resolve();
const NOTHING = Object.freeze({});

/**
 * The events of one sandbox.
 *
 * - Handlers of an event are called in order of subscription: first all asynchronous ones are started, then the synchronous
 *   ones run one after the other, and then the promise of `emit` resolves.
 * - Events take turns: one fired while another is being handled waits. One fired from within a synchronous handler is
 *   handled at once and to its end, before the next handler of the outer event.
 * - A handler subscribed while an event is being handled hears that event too, after all others; one subscribed by such a
 *   latecomer, or by `once`, hears the next. Unsubscribing takes effect at once and skips nobody else.
 * - A handler that throws, or whose promise takes longer than its deadline, is reported to `onFailure`; the others go on, and
 *   the one who fired learns nothing of it. (A handler that never gives the processor back can't be ended.)
 * - A hook that fires more than the limits is reported once with `HOOK_FLOOD`; its further events are dropped and counted.
 */
export class EventBus {
  private readonly subscriptions = new Subscriptions();
  private readonly budgets = new Map<string, EventBudget>();
  private readonly observers = new Set<(event: SandboxEvent) => void>();
  private readonly failureObservers = new Set<(failure: HandlerFailure) => void>();
  private readonly beside = new Set<Promise<void>>();
  private readonly limits: EventLimits;
  private readonly clock: HandlerClock;
  private readonly root = new Turn(0);
  private closed = false;

  constructor(options: EventBusOptions = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.clock = new HandlerClock(options.deadline ?? 60_000);
  }

  /** Calls the handler for every event of this name. */
  on<Name extends string>(name: Name, handler: EventHandler<Name>, options: SubscribeOptions = {}): Unsubscribe {
    return this.subscribe(name, handler, options, false);
  }

  /** Calls the handler for the next event of this name, and never again. */
  once<Name extends string>(name: Name, handler: EventHandler<Name>, options: SubscribeOptions = {}): Unsubscribe {
    return this.subscribe(name, handler, options, true);
  }

  /** Removes every subscription of this handler to this name, or to any. Does nothing where there is none. */
  off<Name extends string>(handler: EventHandler<Name>, name?: Name): void {
    this.subscriptions.removeHandler(handler as EventHandler<string>, name);
  }

  /** Calls the observer for every event as soon as it is fired, before it takes its turn. For those who write down and watch. */
  onAny(observer: (event: SandboxEvent) => void): Unsubscribe {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /** Calls the observer for every failure of a handler. With no observer, failures become warnings of the process. */
  onFailure(observer: (failure: HandlerFailure) => void): Unsubscribe {
    this.failureObservers.add(observer);
    return () => void this.failureObservers.delete(observer);
  }

  /**
   * Fires an event. Resolves when all its synchronous handlers have ended, however they ended.
   * @param source who fires it: `lifecycle`, `libvirt`, `run`, or the name of a hook. @default 'program'
   * @throws SandformError `EVENT_INVALID`
   */
  emit<Name extends string>(name: Name, data?: EventData<Name>, source = 'program'): Promise<void> {
    if (!isEventName(name)) {
      return Promise.reject(new SandformError('EVENT_INVALID', { doing: `firing an event from '${printable(source, { singleLine: true, limit: 100 })}'`, given: name }));
    }
    if (this.closed) return DONE;
    const now = Date.now();
    const event: SandboxEvent = Object.freeze({ name, source, timestamp: now, data: data === undefined ? NOTHING : Object.freeze({ ...data }) });
    const turn = this.turn();
    if (!this.withinBudget(event, now, turn.depth + 1)) return DONE;
    for (const observer of this.observers) this.observe(observer, event);
    return turn.take(() => this.dispatch(event, turn.depth + 1)) ?? DONE;
  }

  /**
   * Calls a task of a subscriber as if it were an asynchronous handler: its failure is reported, its time is limited, `drain`
   * waits for it. Resolves when it has ended; never rejects.
   * @returns what went wrong, if anything
   */
  async perform(subscriber: string, doing: string, task: () => unknown, deadline?: number): Promise<SandformError | undefined> {
    let failed: SandformError | undefined;
    const under = scopes.run(undefined, () =>
      this.limited(task, deadline, doing, (error) => {
        failed = error;
        this.reportFailure({ subscriber, event: undefined, error });
      }),
    );
    if (under !== undefined) await this.awaited(under);
    return failed;
  }

  /**
   * Resolves when no event and no asynchronous handler is under way any more; each ends at its deadline at the latest. Not for
   * handlers, which would wait for themselves.
   */
  async drain(): Promise<void> {
    while (this.busy) {
      await this.root.idle();
      await Promise.all(this.beside);
    }
  }

  /** Whether an event or an asynchronous handler is under way. */
  get busy(): boolean {
    return this.root.busy || this.beside.size > 0;
  }

  /** Ends every handler that still runs at this time; those called later get `grace`. Both in milliseconds. */
  endHandlersBy(time: number, grace: number): void {
    this.clock.endBy(time, grace);
  }

  /** Events dropped so far because of the limits, by source. */
  get dropped(): ReadonlyMap<string, number> {
    return new Map([...this.budgets].filter(([, { dropped }]) => dropped > 0).map(([source, { dropped }]) => [source, dropped]));
  }

  /** Tells everybody who listens to failures. Also for tasks of hooks that no event started. */
  reportFailure(failure: HandlerFailure): void {
    if (this.failureObservers.size === 0) process.emitWarning(failure.error.format(), { type: 'SandformWarning', code: failure.error.code, detail: failure.subscriber });
    for (const observer of this.failureObservers) {
      try {
        observer(failure);
      } catch (error) {
        process.emitWarning(messageOf(error), { type: 'SandformWarning' });
      }
    }
  }

  /** Nothing is fired or called any more. */
  close(): void {
    this.closed = true;
    this.subscriptions.clear();
    this.observers.clear();
  }

  private subscribe<Name extends string>(name: Name, handler: EventHandler<Name>, options: SubscribeOptions, once: boolean): Unsubscribe {
    const { mode = 'sync', subscriber = 'program', deadline } = options;
    if (!isEventName(name)) throw new SandformError('EVENT_INVALID', { doing: `subscribing '${printable(subscriber, { singleLine: true, limit: 100 })}' to an event`, given: name });
    if (this.closed) return () => undefined;
    return this.subscriptions.add(name, { handler: handler as EventHandler<string>, mode, subscriber, deadline, once, active: true });
  }

  /** The innermost turn that the caller is part of: that of the synchronous handler it was called from, or the bus's own. */
  private turn(): Turn {
    const scope = scopes.getStore();
    return scope?.bus === this && scope.turn.open ? scope.turn : this.root;
  }

  private withinBudget(event: SandboxEvent, now: number, depth: number): boolean {
    let budget = this.budgets.get(event.source);
    if (budget === undefined) this.budgets.set(event.source, (budget = new EventBudget(this.limits, now, UNLIMITED.has(event.source))));
    if (budget.take(now, depth)) return true;
    if (budget.dropped === 1) {
      const { total, burst, perSecond, depth: deepest } = this.limits;
      this.reportFailure({
        subscriber: event.source,
        event,
        error: new SandformError('HOOK_FLOOD', {
          doing: `firing '${event.name}' from '${printable(event.source, { singleLine: true, limit: 100 })}'`,
          given: depth > deepest ? `events within events, ${depth} deep` : 'more events than a run may hold',
          expected: `at most ${total} events, ${burst} at once, ${perSecond} a second after that, ${deepest} within each other`,
        }),
      });
    }
    return false;
  }

  private dispatch(event: SandboxEvent, depth: number): Promise<void> | undefined {
    const listed = this.subscriptions.of(event.name);
    if (listed === undefined) return undefined;
    listed.enter();
    const before = listed.items.length;
    this.startBeside(event, listed, 0, before);
    const first = this.callInOrder(event, listed, 0, before, depth);
    const rest = (): Promise<void> | undefined => {
      const now = listed.items.length;
      this.startBeside(event, listed, before, now);
      return this.callInOrder(event, listed, before, now, depth);
    };
    const second = first === undefined ? rest() : first.then(rest);
    if (second === undefined) return void listed.leave();
    return second.then(() => listed.leave());
  }

  private startBeside(event: SandboxEvent, listed: Listed, from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      const item = listed.items[index];
      if (item?.mode !== 'async' || !hears(listed, item, from > 0)) continue;
      const under = scopes.run(undefined, () => this.call(item, event));
      if (under !== undefined) void this.awaited(under);
    }
  }

  private awaited(under: Promise<void>): Promise<void> {
    this.beside.add(under);
    return under.then(() => void this.beside.delete(under));
  }

  /** Calls handler after handler; undefined if all ended without a promise, so that plain handlers cost no turn of the loop. */
  private callInOrder(event: SandboxEvent, listed: Listed, from: number, to: number, depth: number, late = from > 0): Promise<void> | undefined {
    for (let index = from; index < to; index += 1) {
      const item = listed.items[index];
      if (item?.mode !== 'sync' || !hears(listed, item, late)) continue;
      const turn = new Turn(depth);
      const under = scopes.run({ bus: this, turn }, () => this.call(item, event));
      const ended = turn.end(under);
      if (ended !== undefined) return ended.then(() => this.callInOrder(event, listed, index + 1, to, depth, late));
    }
    return undefined;
  }

  private call(item: Subscription, event: SandboxEvent): Promise<void> | undefined {
    return this.limited(
      () => item.handler(event),
      item.deadline,
      `handling '${event.name}' in '${item.subscriber}'`,
      (error) => this.reportFailure({ subscriber: item.subscriber, event, error }),
    );
  }

  /** Never throws and never rejects: `fail` gets what goes wrong. */
  private limited(task: () => unknown, deadline: number | undefined, doing: string, fail: (error: SandformError) => void): Promise<void> | undefined {
    try {
      const result = task();
      return isPromiseLike(result) ? this.clock.limit(result, deadline, doing, fail) : undefined;
    } catch (error) {
      fail(failureOf(error, doing));
      return undefined;
    }
  }

  private observe(observer: (event: SandboxEvent) => void, event: SandboxEvent): void {
    try {
      observer(event);
    } catch (error) {
      this.reportFailure({ subscriber: 'observer', event, error: failureOf(error, `observing '${event.name}'`) });
    }
  }
}

function hears(listed: Listed, item: Subscription, late: boolean): boolean {
  if (!item.active || (item.once && late)) return false;
  if (item.once) listed.deactivate(item);
  return true;
}
