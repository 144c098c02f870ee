import type { GuestPart } from '../../lib/spec';
import { AgentChannel } from './agent/agent-channel';
import type { GuestChannel, GuestPorts } from './guest-channel';
import { NoChannel } from './no-channel';
import { SshChannel } from './ssh/ssh-channel';

/** The best way into a guest: SSH over its exec port, else its agent, else one that says that there is none. Opens nothing yet. */
export function openGuestChannel(guest: GuestPart, ports: GuestPorts): GuestChannel {
  if (guest.execPort !== undefined) return new SshChannel(ports, guest.execPort, guest.user);
  return guest.agent ? new AgentChannel(ports) : new NoChannel(ports.address);
}
