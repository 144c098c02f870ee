import { readDomainXml } from '../../lib/domain-xml';
import { type ErrorCode, SandformError } from '../../lib/errors';
import type { Domain } from '../libvirt';

/** An address of a guest. */
export interface GuestAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
}

/**
 * The addresses that a guest has on its networks, as far as the host knows: by the leases of libvirt's networks, by what a container was begun with, else by the
 * host's ARP table.
 * A guest that has none yet gives none.
 * @throws SandformError `SANDBOX_OFF`, or what libvirt's calls throw
 */
export async function guestAddresses(domain: Domain, address: string): Promise<GuestAddress[]> {
  if ((await domain.state()).state === 'shutoff') throw new SandformError('SANDBOX_OFF', { doing: `${address}: asking for its addresses` });
  const asked = async (source: 'lease' | 'arp') => domain.interfaceAddresses(source).catch((error: unknown) => noneIf(REFUSALS[source], error));
  const begunWith = async () => readDomainXml(await domain.xml())?.interfaces ?? [];
  for (const source of [() => asked('lease'), begunWith, () => asked('arp')]) {
    const found = (await source()).flatMap(({ addresses }) => addresses.map(({ family, address: text }) => ({ family, address: text })));
    if (found.length > 0) return found.sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0));
  }
  return [];
}

/** Drivers may lack either. libvirt 9.0 fails on an ARP table without entries ("wrong nlmsg len"), which then says as much. */
const REFUSALS = { lease: ['LIBVIRT_UNSUPPORTED'], arp: ['LIBVIRT_UNSUPPORTED', 'LIBVIRT_FAILED'] } as const satisfies Readonly<Record<string, readonly ErrorCode[]>>;

function noneIf(codes: readonly ErrorCode[], error: unknown): [] {
  if (SandformError.is(error) && codes.includes(error.code)) return [];
  throw error;
}
