/** Where a domain is in its life. Names are libvirt's. */
export type DomainStateName = 'nostate' | 'running' | 'blocked' | 'paused' | 'shutdown' | 'shutoff' | 'crashed' | 'pmsuspended';

/** A domain's state, and libvirt's word for how it came to it, e.g. `shutoff` by `destroyed`; `unknown` where it has none. */
export interface DomainState {
  readonly state: DomainStateName;
  readonly reason: string;
}

/** States and reasons in the order of libvirt's numbers. Source: virDomainState and vir*Reason of libvirt-domain.h. */
const STATES: readonly (readonly [DomainStateName, readonly string[]])[] = [
  ['nostate', ['unknown']],
  [
    'running',
    ['unknown', 'booted', 'migrated', 'restored', 'from-snapshot', 'unpaused', 'migration-canceled', 'save-canceled', 'wakeup', 'crashed', 'postcopy', 'postcopy-failed'],
  ],
  ['blocked', ['unknown']],
  [
    'paused',
    [
      'unknown',
      'user',
      'migration',
      'save',
      'dump',
      'ioerror',
      'watchdog',
      'from-snapshot',
      'shutting-down',
      'snapshot',
      'crashed',
      'starting-up',
      'postcopy',
      'postcopy-failed',
      'api-error',
    ],
  ],
  ['shutdown', ['unknown', 'user']],
  ['shutoff', ['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from-snapshot', 'daemon']],
  ['crashed', ['unknown', 'panicked']],
  ['pmsuspended', ['unknown']],
];

/** Names libvirt's numbers; one that a newer libvirt added is `nostate` or `unknown`. */
export function domainStateOf({ state, reason }: { readonly state: number; readonly reason: number }): DomainState {
  const [name, reasons] = STATES[state] ?? ['nostate', []];
  return { state: name, reason: reasons[reason] ?? 'unknown' };
}
