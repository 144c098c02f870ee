import type { Duplex } from 'node:stream';
import type { SandformError } from '../../lib/errors';
import type { ContainerProcess } from '../containers';
import type { Commands } from './commands';
import type { Files } from './files';
import type { Ports } from './ports';

/** The way into a guest: one interface, whatever lies beneath. Opens what it needs when it is first used. */
export interface GuestChannel extends AsyncDisposable {
  /** `ssh` over a virtio-serial port; `agent`: the QEMU guest agent, which has no pseudo-terminals; `namespaces` of a container; `none`: every use is refused. */
  readonly name: 'ssh' | 'agent' | 'namespaces' | 'none';
  readonly commands: Commands;
  readonly files: Files;
  readonly ports: Ports;
  /**
   * Resolves when the guest answers.
   * @throws SandformError `GUEST_UNREACHABLE`, `SANDBOX_GONE`, `SANDBOX_OFF`, `INTERRUPTED`
   */
  reach(options: { readonly timeout: number; readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** The guest's processors are stopped: its silence means nothing until it is resumed. */
  suspend(): void;
  resume(): void;
  /** What runs inside was replaced or ended: whatever is under way ends with this error, the next use begins anew. */
  reset(why: SandformError): void;
}

/** What a channel needs of its sandbox. */
export interface GuestPorts {
  /** `STACK/SANDBOX`, for messages. */
  readonly address: string;
  /** Opens a virtio-serial port of the domain; what is read and written are the raw bytes of the guest. */
  openPort(name: string): Promise<Duplex>;
  /** Sends one QMP-style command to the QEMU guest agent and gives its raw answer. `timeout` in milliseconds. */
  agentCommand(command: string, timeout: number): Promise<string>;
  /**
   * The first process of a container; undefined where it does not run.
   * @throws SandformError `CONTAINER_HOST` where that is not known here
   */
  container(doing: string): Promise<ContainerProcess | undefined>;
  /**
   * Why the guest can't be reached, if the sandbox itself is the reason: off, ended, or its host lost.
   * @param when `before` an attempt, or `after` a loss, when the news of the sandbox's end may still be on its way
   */
  outage(doing: string, when: 'before' | 'after'): Promise<SandformError | undefined>;
}
