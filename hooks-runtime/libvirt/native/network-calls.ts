import type { CallContext } from './call-context';
import { checked, unlessVanished } from './checked';
import { libvirt, type Pointer } from './library';
import { drained, Out, structAt, uuidText } from './memory';
import { STRUCTS } from './structs';

export interface NetworkIdentity {
  readonly uuid: string;
  readonly name: string;
}

export interface NetworkInfo extends NetworkIdentity {
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
}

/** A DHCP lease that a network's dnsmasq gave out. */
export interface DhcpLease {
  readonly mac: string | undefined;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  /** As the guest named itself: data from the guest. */
  readonly hostname: string | undefined;
  /** Seconds since 1970; 0 for a lease without end. */
  readonly expires: number;
}

/** Calls that concern networks. */
export const networkCalls = {
  networkList({ connection }: CallContext, flags: number): NetworkInfo[] {
    const array = new Out();
    const length = checked(connection, libvirt.virConnectListAllNetworks(connection, array.buffer, flags));
    return drained(array.pointer, length, libvirt.virNetworkFree, (network) => unlessVanished(() => infoOf(connection, network)));
  },

  networkByName: ({ connection }: CallContext, name: string) => taken(connection, libvirt.virNetworkLookupByName(connection, name)),
  networkByUuid: ({ connection }: CallContext, uuid: string) => taken(connection, libvirt.virNetworkLookupByUUIDString(connection, uuid)),
  networkDefine: ({ connection }: CallContext, xml: string) => taken(connection, libvirt.virNetworkDefineXML(connection, xml)),
  networkCreateTransient: ({ connection }: CallContext, xml: string) => taken(connection, libvirt.virNetworkCreateXML(connection, xml)),

  networkInfo: (context: CallContext, uuid: string): NetworkInfo => withNetwork(context, uuid, (network, connection) => infoOf(connection, network)),
  networkXml: (context: CallContext, uuid: string, flags: number): string =>
    withNetwork(context, uuid, (network, connection) => checked(connection, libvirt.virNetworkGetXMLDesc(network, flags))),
  networkBridge: (context: CallContext, uuid: string): string =>
    withNetwork(context, uuid, (network, connection) => checked(connection, libvirt.virNetworkGetBridgeName(network))),

  networkCreate: act((network) => libvirt.virNetworkCreate(network)),
  networkDestroy: act((network) => libvirt.virNetworkDestroy(network)),
  networkUndefine: act((network) => libvirt.virNetworkUndefine(network)),
  networkUpdate: act((network, command: number, section: number, xml: string, flags: number) =>
    libvirt.virNetworkUpdate(network, command, section, FITTING_PARENT, xml, flags),
  ),
  networkSetAutostart: act((network, on: boolean) => libvirt.virNetworkSetAutostart(network, on ? 1 : 0)),

  networkMetadata: (context: CallContext, uuid: string, namespace: string): string =>
    withNetwork(context, uuid, (network, connection) => checked(connection, libvirt.virNetworkGetMetadata(network, METADATA_ELEMENT, namespace, 0))),
  networkSetMetadata: act((network, xml: string | null, prefix: string, namespace: string) =>
    libvirt.virNetworkSetMetadata(network, METADATA_ELEMENT, xml, prefix, namespace, 0),
  ),

  networkLeases: (context: CallContext, uuid: string, mac: string | null): DhcpLease[] =>
    withNetwork(context, uuid, (network, connection) => {
      const array = new Out();
      const length = checked(connection, libvirt.virNetworkGetDHCPLeases(network, mac, array.buffer, 0));
      return drained(array.pointer, length, libvirt.virNetworkDHCPLeaseFree, leaseAt);
    }),
};

const METADATA_ELEMENT = 2;
/** The element that libvirt finds fitting. */
const FITTING_PARENT = -1;

function withNetwork<Result>({ connection }: CallContext, uuid: string, use: (network: Pointer, connection: Pointer) => Result): Result {
  const network = checked(connection, libvirt.virNetworkLookupByUUIDString(connection, uuid));
  try {
    return use(network, connection);
  } finally {
    libvirt.virNetworkFree(network);
  }
}

function act<Arguments extends readonly unknown[]>(perform: (network: Pointer, ...given: Arguments) => number) {
  return (context: CallContext, uuid: string, ...given: Arguments): void => {
    withNetwork(context, uuid, (network, connection) => checked(connection, perform(network, ...given)));
  };
}

function taken(connection: Pointer, handle: Pointer | null): NetworkIdentity {
  const network = checked(connection, handle);
  try {
    return identityOf(connection, network);
  } finally {
    libvirt.virNetworkFree(network);
  }
}

function identityOf(connection: Pointer, network: Pointer): NetworkIdentity {
  const name = checked(connection, libvirt.virNetworkGetName(network));
  return { name, uuid: uuidText((place) => checked(connection, libvirt.virNetworkGetUUIDString(network, place))) };
}

function infoOf(connection: Pointer, network: Pointer): NetworkInfo {
  const persistent = checked(connection, libvirt.virNetworkIsPersistent(network)) === 1;
  const autostart = new Out();
  // A transient network has no autostart to ask for.
  if (persistent) checked(connection, libvirt.virNetworkGetAutostart(network, autostart.buffer));
  return { ...identityOf(connection, network), active: checked(connection, libvirt.virNetworkIsActive(network)) === 1, persistent, autostart: autostart.int === 1 };
}

function leaseAt(place: Pointer): DhcpLease {
  const lease = structAt(place, STRUCTS.lease);
  return {
    mac: lease.mac ?? undefined,
    family: lease.type === 0 ? 'ipv4' : 'ipv6',
    address: lease.ipaddr ?? '',
    prefix: lease.prefix,
    hostname: lease.hostname ?? undefined,
    expires: Number(lease.expirytime),
  };
}
