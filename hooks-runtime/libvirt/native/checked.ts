import { CallFailure } from './failure';
import { libvirt, type Pointer } from './library';
import { structAt } from './memory';
import { STRUCTS } from './structs';

/**
 * The result of a libvirt call, or its failure where it is NULL or below zero.
 *
 * libvirt keeps the last error per thread and forgets it at the next call, so this must run right after the call, on the
 * same thread: the reason why calls run on threads of our own and not on those of libuv.
 */
export function checked<Result extends number | bigint | string>(connection: Pointer | null, result: Result | null): Result {
  if (result === null || (typeof result === 'number' && result < 0)) throw lastFailure(connection);
  return result;
}

/** Undefined where what is looked at was removed meanwhile: lists are made of several calls, and others act between them. */
export function unlessVanished<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof CallFailure && error.failure.kind === 'libvirt' && VANISHED.has(error.failure.code)) return undefined;
    throw error;
  }
}

/** Undefined where the driver has no such call. */
export function unlessUnsupported<Result>(ask: () => Result): Result | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof CallFailure && error.failure.kind === 'libvirt' && error.failure.code === NO_SUPPORT) return undefined;
    throw error;
  }
}

/** VIR_ERR_NO_SUPPORT */
const NO_SUPPORT = 3;

/** VIR_ERR_NO_DOMAIN, NO_NETWORK, NO_STORAGE_POOL, NO_STORAGE_VOL, NO_NWFILTER, NO_DOMAIN_SNAPSHOT */
const VANISHED: ReadonlySet<number> = new Set([42, 43, 49, 50, 62, 72]);

function lastFailure(connection: Pointer | null): CallFailure {
  const address = libvirt.virGetLastError();
  if (address === null) return new CallFailure({ kind: 'defect', message: 'libvirt failed without saying why' });
  const { code, domain, message } = structAt(address, STRUCTS.error);
  const connected = connection === null || libvirt.virConnectIsAlive(connection) === 1;
  return new CallFailure({ kind: 'libvirt', code, domain, message: message ?? 'unknown error', connected });
}
