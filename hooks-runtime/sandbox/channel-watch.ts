import { SandformError } from '../../lib/errors';
import type { GuestChannel } from '../guest';
import type { DomainEvent, LibvirtConnection } from '../libvirt';

export interface WatchedChannel {
  readonly address: string;
  readonly uuid: string;
  readonly connection: LibvirtConnection;
  readonly channel: GuestChannel;
}

/** Tells a guest channel what happens to its domain: nobody shall wait for a guest that is gone, or give up one that is paused. */
export function watchForChannel({ address, uuid, connection, channel }: WatchedChannel): Disposable {
  const subscription = connection.onDomainEvent((event) => follow(channel, address, event), { uuid });
  const onHostLost = () => channel.reset(SandformError.from(connection.ended.reason, `${address}: using libvirt`));
  connection.ended.addEventListener('abort', onHostLost, { once: true });
  return {
    [Symbol.dispose]() {
      subscription[Symbol.dispose]();
      connection.ended.removeEventListener('abort', onHostLost);
    },
  };
}

function follow(channel: GuestChannel, address: string, event: DomainEvent): void {
  if (event.kind === 'reboot') return void channel.reset(lost(address, 'the guest rebooted'));
  if (event.kind !== 'lifecycle') return;
  switch (event.event) {
    case 'started':
    case 'resumed':
      return void channel.resume();
    case 'suspended':
    case 'pmsuspended':
      return void channel.suspend();
    case 'crashed':
      return void channel.reset(gone(address, `crashed (${event.detail})`));
    case 'stopped':
      return void channel.reset(event.detail === 'saved' ? lost(address, 'the sandbox was saved') : gone(address, `stopped (${event.detail})`));
    case 'defined':
    case 'undefined':
    case 'shutdown':
    case 'unknown':
  }
}

function gone(address: string, given: string): SandformError {
  return new SandformError('SANDBOX_GONE', { doing: `${address}: using the guest`, given });
}

function lost(address: string, given: string): SandformError {
  return new SandformError('COMMAND_LOST', { doing: `${address}: using the guest`, given });
}
