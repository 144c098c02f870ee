import type { CallContext } from './call-context';
import { checked, unlessUnsupported } from './checked';
import { libvirt, type Pointer } from './library';

/** Addresses of the native callbacks that the event thread answers to (see threads/event-thread.ts). */
export interface EventCallbacks {
  readonly lifecycle: Pointer;
  readonly reboot: Pointer;
  readonly agent: Pointer;
  readonly closed: Pointer;
  readonly stream: Pointer;
}

/** Calls that subscribe a connection to what libvirt tells by itself. `id` comes back with each event. */
export const eventCalls = {
  /** The ids of the subscriptions; those that the driver does not know are left out. */
  eventsSubscribe({ connection }: CallContext, callbacks: EventCallbacks, id: number): number[] {
    const opaque = BigInt(id);
    // Drivers without a close callback (in-process ones) refuse it: their connection cannot be lost.
    libvirt.virConnectRegisterCloseCallback(connection, callbacks.closed, opaque, null);
    const subscribe = (event: number, callback: Pointer) => libvirt.virConnectDomainEventRegisterAny(connection, null, event, callback, opaque, null);
    // VirtualBox's driver tells nothing by itself: who waits for something to happen looks at the domain as well.
    const lifecycle = unlessUnsupported(() => checked(connection, subscribe(EVENT_ID.lifecycle, callbacks.lifecycle))) ?? -1;
    const subscriptions = [lifecycle, subscribe(EVENT_ID.reboot, callbacks.reboot), subscribe(EVENT_ID.agentLifecycle, callbacks.agent)];
    return subscriptions.filter((subscription) => subscription >= 0);
  },

  eventsUnsubscribe({ connection }: CallContext, callbacks: EventCallbacks, subscriptions: readonly number[]): void {
    // A connection that was lost refuses these, and has nothing left to unsubscribe.
    libvirt.virConnectUnregisterCloseCallback(connection, callbacks.closed);
    for (const subscription of subscriptions) libvirt.virConnectDomainEventDeregisterAny(connection, subscription);
  },
};

/** virDomainEventID */
const EVENT_ID = { lifecycle: 0, reboot: 1, agentLifecycle: 18 } as const;
