import type { Duplex } from 'node:stream';

export interface PortOptions {
  /** As the guest sees it: itself, or what it can reach. @default '127.0.0.1' */
  readonly host?: string;
  readonly signal?: AbortSignal;
}

/** What listens inside a guest, reached without any network. */
export interface Ports {
  /**
   * A connection to a TCP port. What comes is data from the guest.
   * @throws SandformError `GUEST_PORT`, `GUEST_UNREACHABLE`, `COMMAND_LOST`, `SANDBOX_GONE`, `SANDBOX_OFF`, `GUEST_NO_CHANNEL`, `INTERRUPTED`
   */
  connect(port: number, options?: PortOptions): Promise<Duplex>;
}
