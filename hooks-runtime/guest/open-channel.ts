import type { DomainPart } from '../../lib/spec';
import { AgentChannel } from './agent/agent-channel';
import type { GuestChannel, GuestPorts } from './guest-channel';
import { NamespaceChannel } from './namespaces/namespace-channel';
import { NoChannel } from './no-channel';
import { SshChannel } from './ssh/ssh-channel';

/** The best way into a guest: a container's namespaces; SSH over its exec port, else its agent, else one that says that there is none. Opens nothing yet. */
export function openGuestChannel({ hypervisor, guest }: Pick<DomainPart, 'hypervisor' | 'guest'>, ports: GuestPorts): GuestChannel {
  if (hypervisor === 'lxc') return new NamespaceChannel(ports);
  if (guest.execPort !== undefined) return new SshChannel(ports, guest.execPort, guest.user);
  return guest.agent ? new AgentChannel(ports) : new NoChannel(ports.address);
}
