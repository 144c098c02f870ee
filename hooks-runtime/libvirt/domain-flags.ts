import type { Affects } from './domain';

/** Flags of domain calls. Source: libvirt-domain.h, libvirt-domain-snapshot.h. */
export const FLAG = {
  xmlInactive: 2,
  startPaused: 1,
  startForceBoot: 16,
  destroyGraceful: 1,
  via: { acpi: 1, agent: 2, initctl: 4 },
  savePaused: 4,
  saveRunning: 2,
  dumpMemoryOnly: 16,
  snapshotDiskOnly: 16,
  snapshotChildren: 1,
  snapshotMetadataOnly: 2,
  listActive: 1,
  listInactive: 2,
} as const;

export const DUMP_FORMATS = { elf: 0, 'kdump-zlib': 1, 'kdump-lzo': 2, 'kdump-snappy': 3 } as const;

export const ADDRESS_SOURCES = { lease: 0, agent: 1, arp: 2 } as const;

/** Managed save, snapshot metadata, NVRAM and checkpoint metadata; then what older and other drivers take. */
export const UNDEFINE_FLAG_SETS = [1 | 2 | 4 | 16, 1 | 2 | 4, 2, 0];

/** Without either: whatever the domain is at the moment. */
export function affectFlags({ live = false, config = false }: Affects): number {
  return (live ? 1 : 0) | (config ? 2 : 0);
}
