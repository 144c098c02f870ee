import type { EventHandler, Unsubscribe } from './event-bus';

export interface Subscription {
  readonly handler: EventHandler<string>;
  readonly mode: 'sync' | 'async';
  readonly subscriber: string;
  readonly deadline: number | undefined;
  readonly once: boolean;
  /** False once it was removed, so that an event that is being handled doesn't call it any more. */
  active: boolean;
}

/** The subscriptions to one event. While an event is being handled, none moves: those removed only become inactive. */
export class Listed {
  readonly items: Subscription[] = [];
  private handling = 0;
  private stale = false;

  enter(): void {
    this.handling += 1;
  }

  leave(): void {
    this.handling -= 1;
    this.sweep();
  }

  deactivate(item: Subscription): void {
    item.active = false;
    this.stale = true;
    this.sweep();
  }

  private sweep(): void {
    if (!this.stale || this.handling > 0) return;
    this.stale = false;
    this.items.splice(0, Infinity, ...this.items.filter(({ active }) => active));
  }
}

/** Who listens to what, in order of subscription. */
export class Subscriptions {
  private readonly byName = new Map<string, Listed>();

  of(name: string): Listed | undefined {
    return this.byName.get(name);
  }

  add(name: string, item: Subscription): Unsubscribe {
    const listed = this.byName.get(name) ?? new Listed();
    this.byName.set(name, listed);
    listed.items.push(item);
    return () => listed.deactivate(item);
  }

  /** Removes every subscription of a handler, to one event or to all. */
  removeHandler(handler: EventHandler<string>, name?: string): void {
    for (const [candidate, listed] of this.byName) {
      if (name !== undefined && candidate !== name) continue;
      for (const item of listed.items.filter((each) => each.active && each.handler === handler)) listed.deactivate(item);
    }
  }

  clear(): void {
    for (const listed of this.byName.values()) for (const item of [...listed.items]) listed.deactivate(item);
  }
}
