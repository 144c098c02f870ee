import type { Duplex } from 'node:stream';
import { SandformError } from '../../../lib/errors';
import type { GuestPorts } from '../guest-channel';
import type { PortOptions, Ports } from '../ports';
import type { HeldConnection } from './held-connection';
import { CONNECT_TIMEOUT } from './ssh-commands';

/** TCP ports inside a guest, through its SSH server. */
export class SshPorts implements Ports {
  constructor(
    private readonly held: HeldConnection,
    private readonly guest: GuestPorts,
  ) {}

  async connect(port: number, { host = '127.0.0.1', signal }: PortOptions = {}): Promise<Duplex> {
    const doing = `${this.guest.address}: connecting to port ${port} of ${host} in the guest`;
    const connection = await this.held.acquire({ doing, timeout: CONNECT_TIMEOUT, signal });
    try {
      return await connection.forward(host, port);
    } catch (error) {
      const failure = SandformError.from(error, doing);
      throw connection.alive && failure.code !== 'COMMAND_LOST' ? new SandformError('GUEST_PORT', { doing, given: failure.given ?? failure.message, cause: error }) : ((await this.guest.outage(doing, 'after')) ?? failure);
    }
  }
}
