import { readDomainXml } from '../../lib/domain-xml';
import type { Domain } from '../libvirt';

/** A NIC of a sandbox. */
export interface GuestInterface {
  /** libvirt's name of the network; absent where it is on none. */
  readonly network?: string;
  readonly mac: string;
  /** Its end on the host, e.g. `vnet3`; only while the sandbox is on. */
  readonly device?: string;
}

/** The NICs of a domain, in their order. @throws SandformError what libvirt's calls throw */
export async function guestInterfaces(domain: Domain): Promise<GuestInterface[]> {
  const { interfaces = [] } = readDomainXml(await domain.xml()) ?? {};
  return interfaces.map(({ network, mac, device }) => ({ mac, ...(network === undefined ? {} : { network }), ...(device === undefined ? {} : { device }) }));
}
