import type { SeeReading } from './reading';

/** What SEE's files can ask for and this version does not translate: in one place, so that a row goes when the translation comes. */
export const UNAVAILABLE = {
  lxc: { what: 'a container (LXC)', fix: 'use a QEMU domain with the same image' },
  vbox: { what: 'a VirtualBox machine', fix: 'use a QEMU domain with the same image' },
  glance: { what: 'an image of Glance', fix: 'download it (`openstack image save --file FILE NAME`) and name its path in disk.image' },
  s3: { what: 'an image of S3', fix: 'download it (`aws s3 cp s3://BUCKET/KEY FILE`) and name its path in disk.image' },
} as const;

/** Keys that mean nothing before that is there, by the beginning of their names. */
export const AWAITED: Readonly<Record<string, keyof typeof UNAVAILABLE>> = { 'domain.filesystem': 'lxc', GlanceProvider: 'glance', S3Provider: 's3' };

/** Tells that something can't be had. */
export function unavailable(what: keyof typeof UNAVAILABLE, where: string, reading: SeeReading): void {
  const row = UNAVAILABLE[what];
  reading.mistake('SEE_UNOFFERED', where, { given: row.what, expected: 'what this version translates of SEE', fix: row.fix });
}
