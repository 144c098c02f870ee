import { Subnet } from '../network';
import type { DomainPart } from '../spec';
import { type XmlElement, element } from './xml-element';

/** libvirt, which does not know of these devices, gives out slots from below. The one above this is the bridge's own. */
const LAST_SLOT = 0x1e;
const NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/**
 * The NICs of a domain for which QEMU itself plays the network: each leads to a network of its own, with DHCP, on which nobody else is. As arguments of
 * QEMU's command line, because libvirt's interfaces of type `user` can't be restricted. Undefined where there are none.
 * Source: `-netdev user` of qemu(1).
 */
export function userModeNics({ nics, machine = '' }: DomainPart): XmlElement | undefined {
  const bus = /^pc(-i440fx|$)/.test(machine) ? 'pci.0' : 'pcie.0';
  const args = nics.flatMap(({ userMode, address, mac, model }, index) => {
    if (userMode === undefined || address === undefined) return [];
    const id = `sandform${index}`;
    const backend = [`user,id=${id}`, ...rangeOf(userMode.subnet, address), 'ipv6=off', `restrict=${userMode.restricted ? 'on' : 'off'}`];
    return ['-netdev', backend.join(), '-device', `${model === 'virtio' ? 'virtio-net-pci' : model},netdev=${id},mac=${mac},bus=${bus},addr=0x${(LAST_SLOT - index).toString(16)}`];
  });
  return args.length === 0 ? undefined : element('qemu:commandline', { 'xmlns:qemu': NAMESPACE }, ...args.map((value) => element('qemu:arg', { value })));
}

/** The guest gets its address by DHCP, as the first that asks. The name server has an address of its own. */
function rangeOf(subnet: string, address: string): string[] {
  const range = Subnet.parse(subnet);
  const names = [2, 3].map((fromEnd) => range.addressAt(range.size - fromEnd)).find((candidate) => candidate !== address) ?? '';
  return [`net=${subnet}`, `host=${range.addressAt(1)}`, `dhcpstart=${address}`, `dns=${names}`];
}
