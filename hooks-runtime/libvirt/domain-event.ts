import type { RawDomainEvent } from './threads/event-thread';

/** What happened to a domain, whoever caused it. */
export type DomainEvent = DomainLifecycleEvent | DomainRebootEvent | DomainAgentEvent;

interface DomainEventBase {
  readonly uuid: string;
  readonly name: string;
  /** When libvirt told it, milliseconds since 1970. */
  readonly at: number;
}

/** The domain's life took a turn. `detail` is libvirt's word for why, e.g. `stopped` by `destroyed`. */
export interface DomainLifecycleEvent extends DomainEventBase {
  readonly kind: 'lifecycle';
  readonly event: DomainLifecycleEventName;
  readonly detail: string;
}

/** The guest was reset, by itself or by us: libvirt does not tell which. */
export interface DomainRebootEvent extends DomainEventBase {
  readonly kind: 'reboot';
}

/** The guest agent opened or closed its port. */
export interface DomainAgentEvent extends DomainEventBase {
  readonly kind: 'agent';
  readonly state: 'connected' | 'disconnected' | 'unknown';
  readonly detail: string;
}

export type DomainLifecycleEventName = 'defined' | 'undefined' | 'started' | 'suspended' | 'resumed' | 'stopped' | 'shutdown' | 'pmsuspended' | 'crashed' | 'unknown';

/** In the order of libvirt's numbers. Source: virDomainEventType and virDomainEvent*DetailType of libvirt-domain.h. */
const LIFECYCLE: readonly (readonly [DomainLifecycleEventName, readonly string[]])[] = [
  ['defined', ['added', 'updated', 'renamed', 'from-snapshot']],
  ['undefined', ['removed', 'renamed']],
  ['started', ['booted', 'migrated', 'restored', 'from-snapshot', 'wakeup']],
  ['suspended', ['paused', 'migrated', 'ioerror', 'watchdog', 'restored', 'from-snapshot', 'api-error', 'postcopy', 'postcopy-failed']],
  ['resumed', ['unpaused', 'migrated', 'from-snapshot', 'postcopy', 'postcopy-failed']],
  ['stopped', ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from-snapshot']],
  ['shutdown', ['finished', 'guest', 'host']],
  ['pmsuspended', ['memory', 'disk']],
  ['crashed', ['panicked', 'crashloaded']],
];

const AGENT_STATES = ['unknown', 'connected', 'disconnected'] as const;
const AGENT_REASONS = ['unknown', 'domain-started', 'channel'];

/** Names libvirt's numbers; one that a newer libvirt added is `unknown`. */
export function domainEventOf({ kind, uuid, name, at, event, detail }: RawDomainEvent): DomainEvent {
  if (kind === 'reboot') return { kind, uuid, name, at };
  if (kind === 'agent') return { kind, uuid, name, at, state: AGENT_STATES[event] ?? 'unknown', detail: AGENT_REASONS[detail] ?? 'unknown' };
  const [eventName, details] = LIFECYCLE[event] ?? ['unknown', []];
  return { kind, uuid, name, at, event: eventName, detail: details[detail] ?? 'unknown' };
}
