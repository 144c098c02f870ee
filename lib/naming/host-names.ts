import { createHash } from 'node:crypto';

/** libvirt's name of a domain or network: `STACK-NAME`. */
export function nameOnHost(stack: string, name: string): string {
  return `${stack}-${name}`;
}

/** Name of a volume that belongs to one sandbox, e.g. `lab-victim.root.qcow2`. */
export function volumeName(domain: string, disk: string, extension: 'qcow2' | 'iso'): string {
  return `${domain}.${disk}.${extension}`;
}

/** Name of the shared, read-only volume that holds an image, by what it holds. */
export function baseVolumeName(digest: string): string {
  return `base.${digest}`;
}

/**
 * Name of the empty volume that Terraform keeps for each stack. The reaper removes it with anything of the stack, and its
 * absence makes the next plan run the companion's steps again, which Terraform alone would think done.
 */
export function stackMarkerName(stack: string): string {
  return `stack.${stack}.marker`;
}

/** A MAC address that stays the same for the same place in the same app; in the range that libvirt uses for QEMU. */
export function macAddress(app: string, domain: string, nic: number): string {
  const bytes = createHash('sha256').update(JSON.stringify([app, domain, nic])).digest();
  return ['52', '54', '00', ...[0, 1, 2].map((index) => bytes.toString('hex', index, index + 1))].join(':');
}

/** The persistent storage pool, one per host, in which base images and the volumes of sandboxes lie. */
export const POOL = 'sandform';
