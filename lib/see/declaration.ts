import type { HookNeed } from '../hooks';
import type { NetworkForward } from '../domain-xml';
import type { XmlOverride } from '../spec';
import type { SizeText } from '../units';

/** Where a disk image comes from, as a configuration of SEE says it. Paths are absolute. */
export type ImageDeclaration =
  | { readonly from: 'path'; readonly path: string; readonly format: 'qcow2' | 'raw' }
  | { readonly from: 'glance'; readonly choice: { readonly id: string } | { readonly name: string; readonly newest: 'updated' }; readonly options: { readonly fallback: 'stored' } }
  | { readonly from: 's3'; readonly choice: { readonly bucket: string; readonly key: string }; readonly options: { readonly endpoint?: string; readonly region?: string; readonly fallback?: 'stored' } };

/** A disk beside the root disk. */
export interface DiskDeclaration {
  readonly name: string;
  readonly image: ImageDeclaration;
  readonly bus: 'virtio' | 'sata' | 'scsi';
}

/** A network that a NIC is on: one that exists, or one of the sandbox's own. */
export type NetworkDeclaration =
  | { readonly existing: string }
  | {
      readonly forward: NetworkForward;
      readonly bridge?: string;
      readonly subnet?: string;
      /** Subnet of this size from this range, whichever is free. */
      readonly pick?: { readonly range: string; readonly prefix: number };
      readonly ipv6?: string;
    };

/** A hook of Sandform's own, by the name that `sandform/hooks` exports it under. */
export interface DeclaredHook {
  readonly export: 'Timers' | 'Screenshots' | 'MemoryDump' | 'DiskCheckpoint' | 'NetworkTrace' | 'SeeAgent';
  readonly config: Readonly<Record<string, unknown>>;
  readonly needs: readonly HookNeed[];
}

/** A folder of the host that a container sees. */
export interface MountDeclaration {
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** Whether each sandbox has a new, empty folder of its own below `source`. */
  readonly isPerSandbox: boolean;
}

/** What every sandbox of SEE's has. */
interface SeeSandbox {
  /** libvirt's URI, where the context names one. */
  readonly uri?: string;
  readonly arch: 'x86_64' | 'aarch64';
  readonly memory: SizeText;
  readonly vcpus: number;
  /** One for each NIC, in the order of the template. */
  readonly networks: readonly NetworkDeclaration[];
  readonly hooks: readonly DeclaredHook[];
}

/** A container, of SEE's LXC contexts. */
export interface SeeContainer extends SeeSandbox {
  readonly hypervisor: 'lxc';
  /** Folder of its root filesystem. */
  readonly root: string;
  /** Its first process: a program and its arguments. */
  readonly init: readonly string[];
  readonly mounts: readonly MountDeclaration[];
}

/** A virtual machine, of SEE's QEMU contexts. */
export interface SeeMachine extends SeeSandbox {
  readonly hypervisor: 'qemu';
  readonly image: ImageDeclaration;
  readonly kernel?: { readonly kernel: string; readonly initrd?: string; readonly cmdline?: string };
  /** Whether the template has a channel for the QEMU guest agent. */
  readonly agent: boolean;
  readonly machine?: string;
  /** `tcg` where the template is of type `qemu`. */
  readonly accelerator?: 'tcg';
  readonly display: boolean;
  readonly disks: readonly DiskDeclaration[];
  readonly xmlOverrides: readonly XmlOverride[];
}

/** A virtual machine, of SEE's VBox contexts. */
export interface SeeVirtualBox extends SeeSandbox {
  readonly hypervisor: 'vbox';
  readonly image: ImageDeclaration;
  readonly display: boolean;
}

/** A sandbox as SEE's files describe it, in terms of our constructs; JSON throughout, and never a secret. */
export type SeeDeclaration = SeeMachine | SeeContainer | SeeVirtualBox;

/** Without what is read of another file. */
export type WithoutHooks<Declaration> = Declaration extends unknown ? Omit<Declaration, 'hooks'> : never;

/** The folder of the host that a mount of a stack leads to. */
export function mountSource({ source, isPerSandbox }: MountDeclaration, stack: string): string {
  return isPerSandbox ? `${source.replace(/\/+$/, '')}/${stack}` : source;
}
