import type { SandformEvents } from '../../lib/events';
import type { DomainEvent } from '../libvirt';

/** An event of a sandbox that libvirt told of. */
export type ObservedEvent = {
  [Name in ObservedName]: { readonly name: Name; readonly data: SandformEvents[Name] };
}[ObservedName];

type ObservedName = Extract<keyof SandformEvents, `domain_${string}`>;

/** What is under way when libvirt tells of something. */
export interface UnderWay {
  /** Whether a transition of ours brings it about. */
  readonly expected: boolean;
  /** Whether that is a start. */
  readonly starting: boolean;
  /** Whether that cuts the power. */
  readonly cutting: boolean;
}

/** What a sandbox's events tell of something that libvirt said: none, one, or for the end of a crashed guest two. */
export function observed(event: DomainEvent, { expected, starting, cutting }: UnderWay): ObservedEvent[] {
  if (event.kind === 'reboot') return [{ name: 'domain_rebooted', data: { expected } }];
  if (event.kind === 'agent') return [];
  const reason = event.detail;
  switch (event.event) {
    case 'started':
      // libvirt calls it a start when a guest that suspended itself wakes up.
      return [{ name: reason === 'wakeup' ? 'domain_resumed' : 'domain_started', data: { reason } }];
    case 'suspended':
      return [{ name: 'domain_suspended', data: { reason } }];
    case 'pmsuspended':
      return [{ name: 'domain_suspended', data: { reason: `pm-${reason}` } }];
    case 'resumed':
      // libvirt also calls it resumed when the CPUs of a new machine first run.
      return starting ? [] : [{ name: 'domain_resumed', data: { reason } }];
    case 'crashed':
      return [{ name: 'domain_crashed', data: { reason } }];
    case 'stopped': {
      const stopped: ObservedEvent = { name: 'domain_stopped', data: { reason, expected } };
      // `failed` is libvirt's word where the process of a guest is gone of a sudden, also of a container that it ends itself on a busy host.
      const crashed = reason === 'crashed' || (reason === 'failed' && !starting && !cutting);
      return crashed ? [{ name: 'domain_crashed', data: { reason } }, stopped] : [stopped];
    }
    case 'shutdown':
    case 'defined':
    case 'undefined':
    case 'unknown':
      return [];
  }
}
