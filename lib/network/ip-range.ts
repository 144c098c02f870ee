import ipaddr from 'ipaddr.js';

/** A range of addresses of either family in CIDR form, host bits cleared. */
export interface IpRange {
  readonly family: 'ipv4' | 'ipv6';
  /** The lowest address. */
  readonly network: string;
  readonly prefix: number;
}

/** The range of a text such as `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`; undefined for anything else. */
export function ipRange(text: string): IpRange | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  if (rest.length > 0 || !ipaddr.isValid(address) || address.includes('%')) return undefined;
  const parsed = ipaddr.parse(address);
  const family = parsed.kind();
  // The parser would read 10.1 or 0x7f.1 as addresses as well.
  if (family === 'ipv4' && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  const widest = family === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (!(prefix <= widest)) return undefined;
  return { family, network: lowest(parsed.toByteArray(), prefix), prefix };
}

/** CIDR form, e.g. `10.0.0.0/8`. */
export function rangeText({ network, prefix }: IpRange): string {
  return `${network}/${prefix}`;
}

/** Whether any address lies in both. */
export function rangesOverlap(a: IpRange, b: IpRange): boolean {
  if (a.family !== b.family) return false;
  const prefix = Math.min(a.prefix, b.prefix);
  const [first, second] = [a, b].map(({ network }) => lowest(ipaddr.parse(network).toByteArray(), prefix));
  return first === second;
}

/** The address that a guest gives itself from its MAC address in a range of 64 bits (RFC 4291, appendix A). */
export function eui64Address(network: string, mac: string): string {
  const bytes = mac.split(':').map((byte) => parseInt(byte, 16));
  const [first = 0, second = 0, third = 0, ...rest] = bytes;
  const host = [first ^ 2, second, third, 0xff, 0xfe, ...rest];
  return text([...ipaddr.parse(network).toByteArray().slice(0, 8), ...host]);
}

/** Where addresses that hold on one link only lie. */
export const LINK_LOCAL = 'fe80::';

function lowest(bytes: readonly number[], prefix: number): string {
  return text(bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - index * 8)))));
}

function text(bytes: number[]): string {
  return ipaddr.fromByteArray(bytes.map((byte) => byte & 0xff)).toString();
}
