import { createHash } from 'node:crypto';
import type { CopiedFormat } from '../spec';

/** libvirt's name of a domain or network: `STACK-NAME`. */
export function nameOnHost(stack: string, name: string): string {
  return `${stack}-${name}`;
}

/** Name of a volume that belongs to one sandbox, e.g. `lab-victim.root.qcow2`. */
export function volumeName(domain: string, disk: string, extension: 'iso' | CopiedFormat): string {
  return `${domain}.${disk}.${extension}`;
}

/** Name of the volume that a domain's console is written to. libvirt's log daemon keeps what was too much as `NAME.0`, `NAME.1`, ... */
export function consoleLogName(domain: string): string {
  return `${domain}.console.log`;
}

/** Name of the shared, read-only volume that holds an image, by what it holds. */
export function baseVolumeName(digest: string): string {
  return `base.${digest}`;
}

/** Size that the empty volumes of a stack claim, bytes: the smallest that every file system holds. */
export const MARKER_SIZE = 512;

/**
 * Name of the empty volume that Terraform keeps for each stack. The reaper removes it with anything of the stack, and its
 * absence makes the next plan run the companion's steps again, which Terraform alone would think done.
 */
export function stackMarkerName(stack: string): string {
  return `stack.${stack}.marker`;
}

/**
 * Name of the empty volume that Terraform keeps for each stack and that is there while the stack is complete: the companion takes it away
 * when a deploy begins to change something and puts it back at its end. Its absence makes the plan after a deploy that died look again.
 */
export function stackSettledName(stack: string): string {
  return `stack.${stack}.settled`;
}

/** Name of the volume by which a deploy claims a stack for itself, until the stack's marker is there. */
export function stackClaimName(stack: string): string {
  return `stack.${stack}.claim`;
}

/**
 * A MAC address that stays the same for the same place in the same app.
 * @param prefix its first half; by default that of the range that libvirt uses for QEMU
 */
export function macAddress(app: string, domain: string, nic: number, prefix = '52:54:00'): string {
  const bytes = createHash('sha256').update(JSON.stringify([app, domain, nic])).digest();
  return [prefix, ...[0, 1, 2].map((index) => bytes.toString('hex', index, index + 1))].join(':');
}

/** The persistent storage pool, one per host, in which base images and the volumes of sandboxes lie. */
export const POOL = 'sandform';

/** Name of the network filter of one NIC, counted from 0. */
export function filterName(domain: string, nic: number): string {
  return `${FILTER_PREFIX}${domain}-${nic}`;
}

/** The domain that a network filter is for; undefined for filters that are none of ours. */
export function domainOfFilter(filter: string): string | undefined {
  return new RegExp(`^${FILTER_PREFIX}(.+)-\\d+$`).exec(filter)?.[1];
}

/** libvirt drops the metadata of filters: ours are known by their name, and whose they are by a UUID that follows from the owner. */
export function filterUuid({ app, stack, sandbox }: { readonly app: string; readonly stack: string; readonly sandbox: string }, nic: number): string {
  const hex = createHash('sha256').update(JSON.stringify(['filter', app, stack, sandbox, nic])).digest('hex');
  // Version 8 of RFC 9562: made by a rule of the application's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const FILTER_PREFIX = 'sandform-';
