import type { ErrorDocument } from '../errors';

/** Transitions of the lifecycle state machine. */
export const TRANSITIONS = ['poweron', 'pause', 'resume', 'shutdown', 'poweroff', 'restart', 'save', 'restore'] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** Events before and after a transition that we make. They carry nothing but the transition's options. */
type TransitionEvents = Record<`pre_${Transition}` | `post_${Transition}`, { readonly timeout?: number }>;

/** What libvirt tells of a domain, whoever caused it: us, an operator, or the guest. */
interface ObservedEvents {
  domain_started: { readonly reason: string };
  domain_suspended: { readonly reason: string };
  domain_resumed: { readonly reason: string };
  /** Shut down or destroyed; `expected` where this run itself did it. */
  domain_stopped: { readonly reason: string; readonly expected: boolean };
  domain_crashed: { readonly reason: string };
  /** Its machine was reset; `expected` where this run itself restarts it. */
  domain_rebooted: { readonly expected: boolean };
  /** The connection to libvirt ended. */
  host_lost: { readonly error: ErrorDocument };
}

interface RunEvents {
  /** Hooks are attached, nothing has happened yet. */
  run_started: { readonly run: string };
  /** The run ends: hooks get their last chance to act on the live sandbox. */
  run_ending: { readonly run: string };
  /** The guest answers on its channel; `elapsed` in milliseconds since waiting began. */
  guest_ready: { readonly channel: string; readonly elapsed: number };
  guest_unreachable: { readonly error: ErrorDocument };
  command_started: { readonly command: string };
  command_finished: { readonly command: string; readonly exitCode: number | null; readonly signal: string | null; readonly duration: number };
  /** `artifact` is the name in the run record. */
  screenshot_taken: { readonly artifact: string; readonly reason: string };
  network_traced: { readonly artifact: string; readonly reason: string };
  /** `image`: digest of the image that the file lies over. */
  disk_checkpoint_taken: { readonly artifact: string; readonly reason: string; readonly image?: string };
  memory_dumped: { readonly artifact: string; readonly reason: string };
}

/** Every event that Sandform itself fires, with its data. Hooks may fire others, of free name and data. */
export interface SandformEvents extends TransitionEvents, ObservedEvents, RunEvents {}

/** One event of one sandbox. Its data belongs to it alone. */
export interface SandboxEvent<Data = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** Who fired it: `lifecycle`, `libvirt`, `run`, or the name of a hook. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly data: Data;
}

/** What an event of a name carries. */
export type EventData<Name extends string> = Name extends keyof SandformEvents ? SandformEvents[Name] : Readonly<Record<string, unknown>>;

/** Whether text can name an event. */
export function isEventName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,99}$/.test(text);
}
