import { type CapabilityName, whyNotOffered } from '../../lib/capabilities';
import type { DomainPart } from '../../lib/spec';
import { AgentChannel } from './agent/agent-channel';
import type { GuestChannel, GuestPorts } from './guest-channel';
import { NamespaceChannel } from './namespaces/namespace-channel';
import { NoChannel } from './no-channel';
import { SshChannel } from './ssh/ssh-channel';

/** The best way into a guest that its hypervisor offers: a container's namespaces; SSH over its exec port, else its agent, else one that says that there is none. Opens nothing yet. */
export function openGuestChannel(domain: Pick<DomainPart, 'hypervisor' | 'other' | 'guest'>, ports: GuestPorts): GuestChannel {
  const { guest } = domain;
  const isOffered = (name: CapabilityName) => whyNotOffered(domain, name) === undefined;
  if (!isOffered('exec')) return new NoChannel(ports.address, domain);
  if (isOffered('namespaces')) return new NamespaceChannel(ports);
  if (guest.execPort !== undefined && isOffered('execPort')) return new SshChannel(ports, guest.execPort, guest.user);
  return guest.agent && isOffered('agent') ? new AgentChannel(ports) : new NoChannel(ports.address, domain);
}
