import { type Static, Type } from '../schema';

const closed = { additionalProperties: false } as const;

export const Protocol = Type.Union([Type.Literal('tcp'), Type.Literal('udp'), Type.Literal('icmp')]);
export type Protocol = Static<typeof Protocol>;

const Port = Type.Integer({ minimum: 1, maximum: 65535 });
export const PortRange = Type.Object({ from: Port, to: Port }, closed);
export type PortRange = Static<typeof PortRange>;

/** A range in CIDR form, or, in what a sandbox may reach, a domain name. */
const Peer = Type.String({ pattern: '^[A-Za-z0-9:._/-]{1,253}$' });

/** What one rule lets through. Without ports: all; without a protocol: every protocol of IP. */
const what = { protocol: Type.Optional(Protocol), ports: Type.Optional(Type.Array(PortRange, { minItems: 1 })) };

/** Beyond the frames that DHCP takes, nothing leaves or enters the guest but what a rule says. */
export const EgressRules = Type.Object(
  {
    /** What the guest may reach, and get answers from. */
    allow: Type.Array(Type.Object({ to: Peer, ...what }, closed)),
    /** Who may reach the guest: the other side of other sandboxes' rules. */
    admit: Type.Array(Type.Object({ from: Peer, ...what }, closed)),
    /** Whether the guest may ask the name server of its network. */
    dns: Type.Boolean(),
  },
  closed,
);
export type EgressRules = Static<typeof EgressRules>;

/** What a guest may reach. `open`: everything, under its own MAC address. */
export const Egress = Type.Union([Type.Literal('open'), EgressRules]);
export type Egress = Static<typeof Egress>;

/** Of a sandbox that says nothing. */
export const CLOSED_EGRESS: EgressRules = { allow: [], admit: [], dns: false };
