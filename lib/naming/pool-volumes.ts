import { createHash } from 'node:crypto';
import { isName } from './address';

/** Whose a network's reservation is, and which range it keeps. */
export interface Reservation {
  /** libvirt's name of the network. */
  readonly network: string;
  /** CIDR, e.g. `10.88.3.0/24`. */
  readonly subnet: string;
  readonly stack: string;
  /** See {@link appMark}. */
  readonly appMark: string;
  /** When it was made, seconds since 1970. */
  readonly at: number;
}

/** What a volume in the pool of Sandform is, by its name. `foreign`: none of ours. */
export type PoolVolume =
  | { readonly kind: 'base'; readonly digest: string }
  /** The base volume of this digest is complete; when it was last asked for, seconds since 1970. */
  | { readonly kind: 'ready'; readonly digest: string; readonly at: number }
  /** What a stack keeps for Terraform to look at: its marker, that it is settled; or that it is being made. */
  | { readonly kind: 'marker'; readonly stack: string }
  | ({ readonly kind: 'reservation' } & Reservation)
  /** A disk or seed of one sandbox. */
  | { readonly kind: 'disk'; readonly domain: string; readonly disk: string }
  /** What the console of one sandbox printed; `older` where the log went on in another. */
  | { readonly kind: 'console'; readonly domain: string; readonly older: boolean }
  /** The memory of one sandbox, on its way into a record. */
  | { readonly kind: 'memory'; readonly domain: string }
  /** Sandboxes of this host are on another driver of its libvirt as well. */
  | { readonly kind: 'driver'; readonly uri: string }
  | { readonly kind: 'foreign' };

/** Reads the name of a volume in the pool of Sandform. All of ours are told apart by their first and last part. */
export function poolVolumeOf(name: string): PoolVolume {
  const parts = name.split('.');
  const [first = '', second = '', third = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (first === 'base' && parts.length === 2 && isDigest(second)) return { kind: 'base', digest: second };
  if (first === 'ready' && parts.length === 3 && isDigest(second) && isSeconds(third)) return { kind: 'ready', digest: second, at: Number(third) };
  if (first === 'stack' && parts.length === 3 && ['claim', 'marker', 'settled'].includes(last) && isName(second)) return { kind: 'marker', stack: second };
  if (first === 'reserved') return reservationOf(name) ?? { kind: 'foreign' };
  if (first === 'driver' && parts.length === 2) return driverOf(second) ?? { kind: 'foreign' };
  if (parts.length === 3 && DISK_EXTENSIONS.includes(last) && isHostName(first) && isHostName(second)) return { kind: 'disk', domain: first, disk: second };
  const log = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.console\.log(\.\d{1,3})?$/.exec(name);
  if (log?.[1] !== undefined) return { kind: 'console', domain: log[1], older: log[2] !== undefined };
  const dumped = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.memory\.core$/.exec(name);
  if (dumped?.[1] !== undefined) return { kind: 'memory', domain: dumped[1] };
  return { kind: 'foreign' };
}

const DISK_EXTENSIONS: readonly string[] = ['qcow2', 'iso', 'raw', 'vmdk', 'vdi'];

/** Name of the empty volume that says on which other driver of the same libvirt there are sandboxes. */
export function driverVolumeName(uri: string): string {
  return `driver.${Buffer.from(uri).toString('base64url')}`;
}

/** Name of the file that the memory of a domain is dumped to. */
export function memoryDumpName(domain: string): string {
  return `${domain}.memory.core`;
}

/** Name of the empty volume that says: the base volume of this digest is complete. `at`: seconds since 1970. */
export function readyVolumeName(digest: string, at: number): string {
  return `ready.${digest}.${at}`;
}

/** Name of the empty volume that keeps a range for a network which is to come. */
export function reservationName({ network, subnet, stack, appMark, at }: Reservation): string {
  return `reserved.${network}.${subnet.replace('/', '-')}.${stack}.${appMark}.${at}`;
}

/** An app's name in eight characters: file names have no room for all of it. */
export function appMark(app: string): string {
  return createHash('sha256').update(app).digest('hex').slice(0, 8);
}

function reservationOf(name: string): PoolVolume | undefined {
  const match = /^reserved\.(?<network>[A-Za-z0-9_-]+)\.(?<address>\d+\.\d+\.\d+\.\d+)-(?<prefix>\d+)\.(?<stack>[A-Za-z0-9_-]+)\.(?<mark>[0-9a-f]{8})\.(?<at>\d{1,12})$/.exec(name);
  if (match?.groups === undefined) return undefined;
  const { network = '', address = '', prefix = '', stack = '', mark = '', at = '' } = match.groups;
  return { kind: 'reservation', network, subnet: `${address}/${prefix}`, stack, appMark: mark, at: Number(at) };
}

function driverOf(text: string): PoolVolume | undefined {
  const uri = Buffer.from(text, 'base64url').toString();
  return driverVolumeName(uri) === `driver.${text}` && /^[!-~]+$/.test(uri) ? { kind: 'driver', uri } : undefined;
}

function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function isSeconds(text: string): boolean {
  return /^\d{1,12}$/.test(text);
}

function isHostName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(text);
}
