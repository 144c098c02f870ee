import type { Accelerator, DomainPart, IsolationLevel } from './spec';

/** How strongly a sandbox is kept from its host. Stated wherever something ran, never assumed. */
export interface Isolation {
  readonly level: IsolationLevel;
  /** One sentence for people. */
  readonly meaning: string;
}

/** The isolation level of a sandbox. @param accelerator what really runs it, which need not be what was declared */
export function isolationOf({ hypervisor, accelerator, other }: Pick<DomainPart, 'hypervisor' | 'other'> & { readonly accelerator?: Accelerator | undefined }): Isolation {
  if (other !== undefined) return { level: other.isolation, meaning: `What '${other.name}' is taken for by its declaration: ${MEANINGS[other.isolation]}` };
  if (hypervisor === 'lxc') return { level: 'container', meaning: MEANINGS.container };
  if (hypervisor === 'qemu' && accelerator === 'tcg') return { level: 'emulation', meaning: 'Emulated by QEMU (TCG), which its makers do not treat as a security boundary: not for hostile software.' };
  return { level: 'hardware-virtualization', meaning: MEANINGS['hardware-virtualization'] };
}

const MEANINGS: Readonly<Record<IsolationLevel, string>> = {
  'hardware-virtualization': 'A virtual machine under hardware virtualization: the hypervisor is the boundary.',
  emulation: 'Emulated, which is no security boundary: not for hostile software.',
  container: "A container: it shares the host's kernel, so a kernel flaw lets it out.",
};
