import { parsed } from '../../lib/spec';
import { SandformError } from '../../lib/errors';
import { Duration } from '../../lib/units';
import type { EventBus, EventHandler, SubscribeOptions, Unsubscribe } from '../events';
import type { RunRecorder } from '../record';
import { type Sandbox, sandboxView } from '../sandbox';
import type { Hook } from './hook';
import type { HookContext, HookEvents, HookRecord } from './hook-context';
import type { InlineHook } from './inline-hook';
import { recordedCommands } from './recorded-commands';

export interface AttachOptions {
  /** Unique within the run. */
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly recorder: RunRecorder;
}

/** A hook at work in a run: owns its subscriptions and timers, counts what it does. */
export class AttachedHook {
  /** Whether it ever had something to do that comes to an end. */
  hadWork: boolean;
  private readonly controller = new AbortController();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly unsubscribes = new Set<Unsubscribe>();
  private readonly bus: EventBus;
  private readonly deadline: number | undefined;
  private intervals = 0;
  private delayed = 0;
  private calls = 0;
  private duration = 0;
  private quietWaiters: (() => void)[] = [];

  private constructor(
    private readonly hook: Hook | InlineHook,
    private readonly options: AttachOptions,
  ) {
    this.bus = options.sandbox.events;
    this.deadline = hook.deadline === undefined ? undefined : Duration.parse(hook.deadline).milliseconds;
    this.hadWork = this.needsGuest;
  }

  /**
   * Attaches a hook, once its configuration was found to fit its schema. A hook that fails to is reported to the bus like any
   * failure of a handler, and left out: undefined.
   */
  static async attach(hook: Hook | InlineHook, options: AttachOptions): Promise<AttachedHook | undefined> {
    const { name, sandbox } = options;
    let attached: AttachedHook | undefined;
    const failure = await sandbox.events.perform(name, `attaching '${name}'`, () => {
      attached = new AttachedHook(hook, options);
      return attached.timed(() => (attached as AttachedHook).begin());
    });
    if (failure === undefined) return attached;
    attached?.detach();
    return undefined;
  }

  get name(): string {
    return this.options.name;
  }

  /** Whether it runs commands, so that the guest must answer first. */
  get needsGuest(): boolean {
    return 'needs' in this.hook && this.hook.needs.includes('exec');
  }

  /** Whether it does something again and again, without end. */
  get hasIntervals(): boolean {
    return this.intervals > 0;
  }

  /** Whether something is set for later that comes to an end. */
  get isBusy(): boolean {
    return this.delayed > 0;
  }

  /** Resolves when nothing is set for later. */
  async quiet(): Promise<void> {
    if (this.isBusy) await new Promise<void>((resolve) => void this.quietWaiters.push(resolve));
  }

  /** Ends its subscriptions and timers, and writes down what it did. May be called twice. */
  detach(): void {
    if (this.controller.signal.aborted) return;
    this.controller.abort(new SandformError('INTERRUPTED', { doing: `running the hook '${this.name}'`, given: 'the end of the run' }));
    for (const unsubscribe of this.unsubscribes) unsubscribe();
    for (const timer of this.timers) clearTimeout(timer);
    this.unsubscribes.clear();
    this.timers.clear();
    this.delayed = 0;
    this.becomeQuiet();
    this.options.recorder.hookDetached(this.name, { calls: this.calls, duration: Math.round(this.duration * 1000) / 1000, dropped: this.bus.dropped.get(this.name) ?? 0 });
  }

  private begin(): unknown {
    const context = this.context();
    if ('kind' in this.hook) return this.hook.attach(context);
    const doing = `${this.options.sandbox.address}: attaching the hook '${this.name}'`;
    const config: unknown = parsed(this.hook.configSchema, structuredClone(this.hook.config), 'HOOK_CONFIG_INVALID', doing);
    return this.hook.attach(context, config as object);
  }

  private context(): HookContext {
    const { recorder, name } = this.options;
    return {
      sandbox: this.sandbox(),
      events: this.events(),
      record: this.record(),
      signal: this.controller.signal,
      every: (interval, task) => this.every(Duration.parse(interval).timerMilliseconds, task),
      after: (delay, task) => this.after(Duration.parse(delay).timerMilliseconds, task),
      log: (text) => recorder.note(name, text),
    };
  }

  private sandbox(): Sandbox {
    const { sandbox, recorder, name } = this.options;
    return sandboxView(sandbox, { commands: recordedCommands(sandbox.commands, { recorder, events: sandbox.events, source: name }) });
  }

  private events(): HookEvents {
    return {
      on: (name, handler, options) => this.subscribe('on', name, handler, options),
      once: (name, handler, options) => this.subscribe('once', name, handler, options),
      emit: (name, data) => this.bus.emit(name, data, this.name),
    };
  }

  private record(): HookRecord {
    return {
      add: (kind, data, { type = typeof data === 'string' ? 'text/plain' : 'application/octet-stream', reason } = {}) =>
        Promise.resolve().then(() =>
          this.options.recorder.add(kind, typeof data === 'string' ? Buffer.from(data) : data, { mediaType: type, source: this.name, ...(reason === undefined ? {} : { reason }) }),
        ),
      keep: (kind, pieces, { type = 'application/octet-stream', reason } = {}) => this.options.recorder.keep(kind, pieces, { mediaType: type, source: this.name, ...(reason === undefined ? {} : { reason }) }),
    };
  }

  private subscribe<Name extends string>(kind: 'on' | 'once', name: Name, handler: EventHandler<Name>, options: Omit<SubscribeOptions, 'subscriber'> = {}): Unsubscribe {
    if (this.controller.signal.aborted) return () => undefined;
    const own = this.deadline === undefined ? {} : { deadline: this.deadline };
    const timed: EventHandler<Name> = (event) => this.timed(() => handler(event));
    const remove = this.bus[kind](name, timed, { ...own, ...options, subscriber: this.name });
    const unsubscribe = (): void => {
      remove();
      this.unsubscribes.delete(unsubscribe);
    };
    this.unsubscribes.add(unsubscribe);
    return unsubscribe;
  }

  private every(interval: number, task: () => void | Promise<void>): void {
    this.intervals += 1;
    const again = (): void => this.later(interval, () => void this.perform('working at an interval', task).then(again));
    again();
  }

  private after(delay: number, task: () => void | Promise<void>): void {
    if (this.controller.signal.aborted) return;
    this.hadWork = true;
    this.delayed += 1;
    this.later(delay, () => {
      void this.perform('working after a delay', task).then(() => {
        this.delayed = Math.max(0, this.delayed - 1);
        this.becomeQuiet();
      });
    });
  }

  private later(delay: number, then: () => void): void {
    if (this.controller.signal.aborted) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, delay);
    this.timers.add(timer);
  }

  private perform(doing: string, task: () => void | Promise<void>): Promise<unknown> {
    return this.bus.perform(this.name, `'${this.name}': ${doing}`, () => this.timed(task), this.deadline);
  }

  /** Calls something of the hook and counts how long it took, until it ends or rejects. */
  private timed<Result>(call: () => Result): Result {
    const begin = performance.now();
    const end = (): void => void (this.duration += performance.now() - begin);
    this.calls += 1;
    let result: Result;
    try {
      result = call();
    } catch (error) {
      end();
      throw error;
    }
    if (result instanceof Promise) void result.then(end, end);
    else end();
    return result;
  }

  private becomeQuiet(): void {
    if (this.isBusy) return;
    for (const resolve of this.quietWaiters.splice(0)) resolve();
  }
}
