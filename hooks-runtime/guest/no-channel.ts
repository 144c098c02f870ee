import { type RunsOn, mustOffer } from '../../lib/capabilities';
import { SandformError } from '../../lib/errors';
import type { Commands } from './commands';
import type { Files } from './files';
import type { GuestChannel } from './guest-channel';
import type { Ports } from './ports';

/** For guests that nothing inside answers for, or whose hypervisor has no way to them: every use says so. */
export class NoChannel implements GuestChannel {
  readonly name = 'none';
  readonly commands: Commands;
  readonly files: Files;
  readonly ports: Ports;

  constructor(
    private readonly address: string,
    private readonly on: RunsOn,
  ) {
    const refuse = () => this.refuse();
    this.ports = { connect: refuse };
    this.commands = { run: refuse, start: refuse };
    this.files = { read: refuse, write: refuse, upload: refuse, download: refuse, list: refuse, stat: refuse, remove: refuse, mkdir: refuse };
  }

  reach(): Promise<never> {
    return this.refuse();
  }

  suspend(): void {}
  resume(): void {}
  reset(): void {}
  async [Symbol.asyncDispose](): Promise<void> {}

  private async refuse(): Promise<never> {
    const doing = `${this.address}: reaching into the guest`;
    mustOffer(this.on, 'exec', doing);
    throw new SandformError('GUEST_NO_CHANNEL', { doing, given: 'a guest with neither an exec port nor an agent' });
  }
}
