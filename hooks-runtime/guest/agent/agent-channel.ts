import { NoChannel } from '../no-channel';
import type { GuestPorts } from '../guest-channel';
export class AgentChannel extends NoChannel { constructor(ports: GuestPorts) { super(ports.address); } }
