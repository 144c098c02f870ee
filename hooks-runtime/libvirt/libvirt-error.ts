import { type ErrorCode, SandformError } from '../../lib/errors';
import type { Failure } from './native/failure';

/** libvirt's own word on a failure, as `details.libvirt` of a SandformError holds it. */
export interface LibvirtErrorDetails {
  /** virErrorNumber, e.g. 42. */
  readonly number: number;
  /** Its name without `VIR_ERR_`, e.g. `NO_DOMAIN`; `OTHER` for those that nobody needs to tell apart. */
  readonly name: LibvirtErrorName;
  /** virErrorDomain: the part of libvirt that failed. */
  readonly domain: number;
  readonly message: string;
}

/** Source: virErrorNumber of libvirt's virterror.h. */
const NUMBERS = {
  INTERNAL_ERROR: 1,
  NO_SUPPORT: 3,
  NO_CONNECT: 5,
  INVALID_ARG: 8,
  OPERATION_FAILED: 9,
  XML_ERROR: 27,
  DOM_EXIST: 28,
  OPERATION_DENIED: 29,
  NETWORK_EXIST: 37,
  SYSTEM_ERROR: 38,
  RPC: 39,
  NO_DOMAIN: 42,
  NO_NETWORK: 43,
  AUTH_FAILED: 45,
  NO_STORAGE_POOL: 49,
  NO_STORAGE_VOL: 50,
  OPERATION_INVALID: 55,
  NO_NWFILTER: 62,
  CONFIG_UNSUPPORTED: 67,
  OPERATION_TIMEOUT: 68,
  NO_DOMAIN_SNAPSHOT: 72,
  ARGUMENT_UNSUPPORTED: 74,
  NO_DOMAIN_METADATA: 80,
  OPERATION_UNSUPPORTED: 84,
  AGENT_UNRESPONSIVE: 86,
  RESOURCE_BUSY: 87,
  ACCESS_DENIED: 88,
  STORAGE_VOL_EXIST: 90,
  XML_INVALID_SCHEMA: 92,
  AGENT_UNSYNCED: 97,
} as const;

/** Source: virErrorDomain of libvirt's virterror.h. */
const VIR_FROM_RPC = 7;

export type LibvirtErrorName = keyof typeof NUMBERS | 'OTHER';

/** The coded error for a failed call; `doing` says what was being done. */
export function errorOf(failure: Failure, doing: string): SandformError {
  switch (failure.kind) {
    case 'libvirt': {
      const libvirt: LibvirtErrorDetails = { number: failure.code, name: nameOf(failure.code), domain: failure.domain, message: failure.message };
      return new SandformError(failure.connected && !isBrokenTransport(libvirt) ? codeOf(libvirt) : 'LIBVIRT_LOST', { doing, given: failure.message, details: { libvirt } });
    }
    case 'no-library':
      return new SandformError('LIBVIRT_NOT_INSTALLED', { doing, given: failure.message });
    case 'no-function':
      return new SandformError('LIBVIRT_UNSUPPORTED', { doing, given: `the installed ${failure.library} has no ${failure.name}`, fix: 'install a newer libvirt' });
    case 'flood':
      return new SandformError('GUEST_FLOOD', { doing, given: `more than ${failure.limit} bytes waiting` });
    case 'defect':
      return new SandformError('INTERNAL', { doing, given: failure.message });
  }
}

/** Whether an error is libvirt's own, and one of the named. */
export function isLibvirtError(error: unknown, ...names: readonly LibvirtErrorName[]): error is SandformError {
  if (!SandformError.is(error)) return false;
  const libvirt = error.details['libvirt'] as LibvirtErrorDetails | undefined;
  return libvirt !== undefined && (names.length === 0 || names.includes(libvirt.name));
}

function nameOf(number: number): LibvirtErrorName {
  const entry = Object.entries(NUMBERS).find(([, known]) => known === number);
  return (entry?.[0] ?? 'OTHER') as LibvirtErrorName;
}

/** A call may meet a socket that broke before the connection has noticed. VIR_FROM_RPC: libvirt's transport. */
function isBrokenTransport({ domain, number }: LibvirtErrorDetails): boolean {
  return domain === VIR_FROM_RPC && (number === NUMBERS.SYSTEM_ERROR || number === NUMBERS.INTERNAL_ERROR || number === NUMBERS.RPC);
}

function codeOf({ name, message }: LibvirtErrorDetails): ErrorCode {
  // libvirt reports a full disk as a failed system call, with the C library's text for ENOSPC.
  if (/No space left on device/.test(message)) return 'DISK_FULL';
  return CODES[name] ?? 'LIBVIRT_FAILED';
}

const CODES: Partial<Record<LibvirtErrorName, ErrorCode>> = {
  NO_DOMAIN: 'LIBVIRT_NOT_FOUND',
  NO_NETWORK: 'LIBVIRT_NOT_FOUND',
  NO_NWFILTER: 'LIBVIRT_NOT_FOUND',
  NO_STORAGE_POOL: 'LIBVIRT_NOT_FOUND',
  NO_STORAGE_VOL: 'LIBVIRT_NOT_FOUND',
  NO_DOMAIN_SNAPSHOT: 'LIBVIRT_NOT_FOUND',
  NO_DOMAIN_METADATA: 'LIBVIRT_NOT_FOUND',
  NO_SUPPORT: 'LIBVIRT_UNSUPPORTED',
  CONFIG_UNSUPPORTED: 'LIBVIRT_UNSUPPORTED',
  ARGUMENT_UNSUPPORTED: 'LIBVIRT_UNSUPPORTED',
  OPERATION_UNSUPPORTED: 'LIBVIRT_UNSUPPORTED',
  OPERATION_TIMEOUT: 'LIBVIRT_TIMEOUT',
  AGENT_UNRESPONSIVE: 'GUEST_UNREACHABLE',
  AGENT_UNSYNCED: 'GUEST_UNREACHABLE',
};
