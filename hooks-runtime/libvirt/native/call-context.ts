import { checked } from './checked';
import { libvirt, type Pointer } from './library';

/** Where to connect to. */
export interface Target {
  readonly uri: string;
  readonly readOnly: boolean;
}

/** What a call gets beside its arguments: the connection of the thread that it runs on. */
export interface CallContext {
  readonly connection: Pointer;
  readonly target: Target;
}

/** A new connection, with keepalive where the driver has it, so that a daemon that hangs is noticed after half a minute. */
export function connected({ uri, readOnly }: Target): Pointer {
  const connection = checked(null, readOnly ? libvirt.virConnectOpenReadOnly(uri) : libvirt.virConnectOpen(uri));
  // Drivers within the process (test, vbox) have no keepalive and say so by failing: nothing is lost there.
  libvirt.virConnectSetKeepAlive(connection, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
  return connection;
}

const KEEPALIVE_SECONDS = 5;
const KEEPALIVE_COUNT = 5;
