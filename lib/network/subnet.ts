import { SandformError } from '../errors';

const LARGEST_PREFIX = 29;
const SMALLEST_PREFIX = 8;

/** A range of IPv4 addresses in CIDR form, e.g. `10.88.3.0/24`. */
export class Subnet {
  private constructor(
    /** The lowest address, as an unsigned 32-bit number. */
    readonly first: number,
    readonly prefix: number,
  ) {}

  /**
   * A subnet as people declare one: no host bits set, a prefix from /8 to /29.
   * @throws SandformError `SUBNET_INVALID`
   */
  static parse(text: string, doing = 'reading a subnet'): Subnet {
    const [, address = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
    const prefix = Number(bits);
    const subnet = bits !== '' && prefix >= SMALLEST_PREFIX && prefix <= LARGEST_PREFIX ? Subnet.around(address, prefix) : undefined;
    if (subnet === undefined || subnet.toString() !== text) throw new SandformError('SUBNET_INVALID', { doing, given: text });
    return subnet;
  }

  /** The subnet of any size that an address lies in; undefined where they are no IPv4 address and prefix. */
  static around(address: string, prefix: number): Subnet | undefined {
    const number = addressNumber(address);
    if (number === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) return undefined;
    const size = 2 ** (32 - prefix);
    return new Subnet(number - (number % size), prefix);
  }

  /** The prefix of a netmask such as `255.255.255.0`; -1 for what is none. */
  static prefixOf(netmask: string): number {
    const number = addressNumber(netmask);
    const bits = number?.toString(2).padStart(32, '0') ?? '';
    return /^1*0*$/.test(bits) && bits !== '' ? bits.indexOf('0') === -1 ? 32 : bits.indexOf('0') : -1;
  }

  /** How many addresses it has, the network's own and the broadcast address included. */
  get size(): number {
    return 2 ** (32 - this.prefix);
  }

  /** The highest address, as an unsigned 32-bit number. */
  get last(): number {
    return this.first + this.size - 1;
  }

  /** Whether any address lies in both. */
  overlaps(other: Subnet): boolean {
    return this.first <= other.last && other.first <= this.last;
  }

  /** The address at a place in the range: 0 is the network's own, 1 the first host's. */
  addressAt(index: number): string {
    return addressText(this.first + index);
  }

  toString(): string {
    return `${addressText(this.first)}/${this.prefix}`;
  }
}

function addressNumber(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((number, part) => number * 256 + part, 0);
}

function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
