import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootReference } from '../../lib/spec';

/** Where containers of one host lie, beside its storage pool: `POOL-containers`. */
export class ContainerFolders {
  readonly base: string;
  /** Unpacked root filesystems, shared and never written. Only root may enter: programs in it may have their set-user-ID bit. */
  readonly roots: string;
  /** What each container wrote. Only root may enter. */
  readonly layers: string;
  /** Where each container's root is mounted. A container's own root must be able to pass, who is nobody on the host. */
  readonly mounts: string;
  /** Notes of the folders of the host that were made for the containers of a stack. Only root may enter. */
  readonly shared: string;

  constructor(pool: string) {
    this.base = `${pool}-containers`;
    this.roots = join(this.base, 'roots');
    this.layers = join(this.base, 'layers');
    this.mounts = join(this.base, 'mounts');
    this.shared = join(this.base, 'shared');
  }

  /** An unpacked root filesystem. */
  rootOf({ digest }: RootReference, { shifted }: { readonly shifted: boolean }): string {
    return join(this.roots, `${digest}.${shifted ? 'users' : 'host'}`);
  }

  layerOf(domain: string): string {
    return join(this.layers, domain);
  }

  mountOf(domain: string): string {
    return join(this.mounts, domain);
  }

  /** Names of domains that anything of is there. */
  async domains(): Promise<string[]> {
    const found = await Promise.all([this.layers, this.mounts].map((folder) => readdir(folder).catch(() => [])));
    return [...new Set(found.flat())];
  }
}
