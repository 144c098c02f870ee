import type { Accelerator, Hypervisor } from './spec';

/** How strongly a sandbox is kept from its host. Stated wherever something ran, never assumed. */
export interface Isolation {
  readonly level: 'hardware-virtualization' | 'emulation' | 'container';
  /** One sentence for people. */
  readonly meaning: string;
}

/** The isolation level of a sandbox. */
export function isolationOf({ hypervisor, accelerator }: { readonly hypervisor: Hypervisor; readonly accelerator?: Accelerator | undefined }): Isolation {
  if (hypervisor === 'lxc') return { level: 'container', meaning: "A container: it shares the host's kernel, so a kernel flaw lets it out." };
  if (hypervisor === 'qemu' && accelerator === 'tcg') {
    return { level: 'emulation', meaning: 'Emulated by QEMU (TCG), which its makers do not treat as a security boundary: not for hostile software.' };
  }
  return { level: 'hardware-virtualization', meaning: 'A virtual machine under hardware virtualization: the hypervisor is the boundary.' };
}
