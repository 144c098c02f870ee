import type { DurationText } from '../../lib/units';
import type { EventData } from '../../lib/events';
import type { EventHandler, SubscribeOptions, Unsubscribe } from '../events';
import type { AddedArtifact } from '../record';
import type { Sandbox } from '../sandbox';

/** The events of the sandbox, as one hook sees them: what it subscribes and fires bears its name, and ends with it. */
export interface HookEvents {
  /** Calls the handler for every event of this name. The one who fires waits for it, unless `mode` is `async`. */
  on<Name extends string>(name: Name, handler: EventHandler<Name>, options?: Omit<SubscribeOptions, 'subscriber'>): Unsubscribe;
  /** Calls the handler for the next event of this name. */
  once<Name extends string>(name: Name, handler: EventHandler<Name>, options?: Omit<SubscribeOptions, 'subscriber'>): Unsubscribe;
  /**
   * Fires an event. Resolves when its synchronous handlers have ended.
   * @throws SandformError `EVENT_INVALID`
   */
  emit<Name extends string>(name: Name, data?: EventData<Name>): Promise<void>;
}

/** The record of the run, as one hook sees it. */
export interface HookRecord {
  /**
   * Keeps a file. Its name is made by the record; the same bytes under the same kind are kept once.
   * @param kind what it is, e.g. `screenshot`
   * @throws SandformError `HOOK_FLOOD`, `RECORD_UNWRITABLE`
   */
  add(kind: string, data: string | Uint8Array, facts?: { /** Media type. @default 'application/octet-stream', text: 'text/plain' */ readonly type?: string; readonly reason?: string }): Promise<AddedArtifact>;
  /**
   * Keeps a file while it comes, for what does not fit into memory: up to 16 GiB.
   * @throws SandformError `HOOK_FLOOD`, `RECORD_UNWRITABLE`; the source's own error
   */
  keep(kind: string, pieces: AsyncIterable<Uint8Array>, facts?: { /** Media type. @default 'application/octet-stream' */ readonly type?: string; readonly reason?: string }): Promise<AddedArtifact>;
}

/** What a hook works with. All of it ends when the hook is detached. */
export interface HookContext {
  /** The live sandbox. What its `commands` run is recorded. */
  readonly sandbox: Sandbox;
  readonly events: HookEvents;
  readonly record: HookRecord;
  /** Aborted when the hook is detached. */
  readonly signal: AbortSignal;
  /** Does something again and again: first after one interval, and never twice at once. A run doesn't last for it alone. */
  readonly every: (interval: DurationText, task: () => void | Promise<void>) => void;
  /** Does something once, later. A run without a command goes on until it is done. */
  readonly after: (delay: DurationText, task: () => void | Promise<void>) => void;
  /** Writes a line into the record. */
  readonly log: (text: string) => void;
}
