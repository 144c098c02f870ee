/** What a user's own libvirt does not give. */
export interface SessionLoss {
  /** What is lost, for people. */
  readonly lost: string;
  /** Why, and what is there in its place. */
  readonly instead: string;
}

/**
 * What is lost on a user's own libvirt (`qemu:///session`), which has no more rights than the user: the one place where that is known. Constructs refuse by
 * it what can't be kept, and doctor tells it.
 */
export const SESSION_LOSSES = {
  networks: { lost: 'networks of libvirt', instead: "only root may make a bridge; each sandbox has a network of QEMU's own for it alone, on which DHCP is all that answers" },
  peers: { lost: 'sandboxes that reach each other', instead: 'no two share a network' },
  filters: { lost: 'egress rules', instead: "only root's libvirt filters frames; a sandbox reaches nothing, or with egress 'open' and forward 'nat' everything that the user reaches, the loopback address of the host included" },
  ipv6: { lost: 'IPv6', instead: "a network of QEMU's own has IPv4 alone" },
  containers: { lost: 'containers (LXC)', instead: 'their driver needs root' },
} as const satisfies Readonly<Record<string, SessionLoss>>;

export type SessionLossName = keyof typeof SESSION_LOSSES;

/** What to do for whoever needs what is lost. */
export const SESSION_FIX = "use the system's libvirt: be a member of the group libvirt (`sudo usermod -aG libvirt $USER`, then log in again) and set LIBVIRT_DEFAULT_URI=qemu:///system";
