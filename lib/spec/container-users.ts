/**
 * Users and groups of the host that those of a container are while it has a user namespace: its root is the first of them. Beyond what
 * systems give to people, services and what /etc/subuid lends out.
 */
export const CONTAINER_USERS = { first: 2_000_000_000, count: 65_536 } as const;
