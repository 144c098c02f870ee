import type { Isolation } from '../../lib';
import type { SandboxSpec } from '../../lib/spec';
import type { DurationText } from '../../lib/units';
import type { EventBus } from '../events';
import type { Commands, Files, Ports } from '../guest';
import type { Power } from '../lifecycle';
import type { Console } from './console';
import type { Disks } from './disks';
import type { GuestAddress } from './guest-addresses';
import type { GuestInterface } from './guest-interfaces';
import type { Memory } from './memory';
import type { Screen } from './screen';

/** A deployed sandbox, connected: what is inside, its power, its events. Disposing it leaves the sandbox as it is. */
export interface Sandbox extends AsyncDisposable {
  /** `STACK/SANDBOX`. */
  readonly address: string;
  /** As it was when the sandbox was connected. */
  readonly spec: SandboxSpec;
  readonly isolation: Isolation;
  /** Where it runs. */
  readonly host: SandboxHost;
  readonly commands: Commands;
  readonly files: Files;
  readonly ports: Ports;
  readonly screen: Screen;
  readonly console: Console;
  readonly memory: Memory;
  readonly disks: Disks;
  readonly power: Power;
  readonly events: EventBus;
  /**
   * Its addresses on its networks, IPv4 first, as far as the host knows them; none until the guest took one.
   * @throws SandformError `SANDBOX_OFF`
   */
  addresses(): Promise<readonly GuestAddress[]>;
  /** Its NICs, in their order. */
  interfaces(): Promise<readonly GuestInterface[]>;
  /**
   * Resolves when the guest answers, and fires `guest_ready`; else fires `guest_unreachable` and throws.
   * @throws SandformError `GUEST_UNREACHABLE`, `SANDBOX_GONE`, `SANDBOX_OFF`, `GUEST_NO_CHANNEL`, `LIBVIRT_LOST`, `INTERRUPTED`
   */
  waitForGuest(options?: WaitForGuestOptions): Promise<GuestAnswer>;
}

/** The libvirt that a sandbox runs under. */
export interface SandboxHost {
  /** libvirt's URI. */
  readonly uri: string;
  /** Version of libvirt, e.g. `9.0.0`. */
  readonly libvirt: string;
  /** Kind and version of the hypervisor, e.g. `QEMU 7.2.22`. */
  readonly hypervisor: string;
}

export interface WaitForGuestOptions {
  /** @default '2m' */
  readonly timeout?: DurationText;
  readonly signal?: AbortSignal;
}

export interface GuestAnswer {
  /** `ssh`, `agent` or `namespaces`. */
  readonly channel: string;
  /** Milliseconds since waiting began. */
  readonly elapsed: number;
}
