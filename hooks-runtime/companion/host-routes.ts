import { readFile } from 'node:fs/promises';
import { libvirtUri } from '../../lib/naming';
import { Subnet } from '../../lib/network';

/** A route of the host that libvirt runs on. */
export interface HostRoute {
  readonly subnet: Subnet;
  /** Name of the interface that it leads through. */
  readonly through: string;
}

/**
 * The IPv4 routes beside which libvirt's networks come to lie, the default route left out. None where they cannot be known:
 * libvirt is on another machine, or in another network namespace than this process.
 */
export async function hostRoutes(uri: string): Promise<HostRoute[]> {
  const [sockets, routes] = await Promise.all(['/proc/net/unix', '/proc/net/route'].map((file) => readFile(file, 'utf8').catch(() => '')));
  return isInThisNamespace(uri, sockets ?? '') ? routesIn(routes ?? '') : [];
}

/** /proc/net/unix lists the listening sockets of this network namespace alone. Source: proc(5). */
export function isInThisNamespace(uri: string, sockets: string): boolean {
  const { driver, isRemote, socket } = libvirtUri(uri);
  if (driver === '' || isRemote) return false;
  const paths = sockets.split('\n').flatMap((line) => /\s(\/\S+)$/.exec(line)?.[1] ?? []);
  return paths.some((path) => (socket === undefined ? /\/libvirt\/(libvirt|virt[a-z]+d)-sock$/.test(path) : path === socket));
}

/** Reads /proc/net/route: addresses are hexadecimal, in the byte order of the machine. Source: proc(5). */
export function routesIn(table: string): HostRoute[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [through = '', destination = '', , , , , , mask = ''] = line.split(/\s+/);
      const prefix = addressOf(mask)?.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('').replace(/0+$/, '').length;
      const subnet = prefix === undefined || prefix === 0 ? undefined : Subnet.around(addressOf(destination) ?? '', prefix);
      return subnet === undefined ? [] : [{ subnet, through }];
    });
}

function addressOf(hexadecimal: string): string | undefined {
  if (!/^[0-9A-F]{8}$/i.test(hexadecimal)) return undefined;
  const bytes = [...Buffer.from(hexadecimal, 'hex')];
  return (isLittleEndian() ? bytes.reverse() : bytes).join('.');
}

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
