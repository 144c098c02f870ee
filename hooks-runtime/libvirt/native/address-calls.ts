import type { CallContext } from './call-context';
import { checked } from './checked';
import { withDomain } from './domain-calls';
import { libvirt, type Pointer } from './library';
import { drained, Out, structAt, structsAt } from './memory';
import { STRUCTS } from './structs';

/** One NIC of a domain with its addresses. */
export interface DomainInterface {
  /** Name on the host (lease, arp) or in the guest (agent). */
  readonly name: string;
  readonly mac: string | undefined;
  readonly addresses: readonly InterfaceAddress[];
}

/** One address of a NIC. */
export interface InterfaceAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

/** Calls that ask for addresses of domains. */
export const addressCalls = {
  domainInterfaces: (context: CallContext, uuid: string, source: number): DomainInterface[] =>
    withDomain(context, uuid, (domain, connection) => {
      const array = new Out();
      const length = checked(connection, libvirt.virDomainInterfaceAddresses(domain, array.buffer, source, 0));
      return drained(array.pointer, length, libvirt.virDomainInterfaceFree, interfaceAt);
    }),
};

function interfaceAt(place: Pointer): DomainInterface {
  const { name, hwaddr, naddrs, addrs } = structAt(place, STRUCTS.interface);
  const addresses = structsAt(addrs, naddrs, STRUCTS.address);
  return {
    name: name ?? '',
    mac: hwaddr ?? undefined,
    addresses: addresses.map(({ type, addr, prefix }) => ({ family: type === 0 ? 'ipv4' : 'ipv6', address: addr ?? '', prefix })),
  };
}
