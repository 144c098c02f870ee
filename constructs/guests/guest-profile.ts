import type { Disk, DomainPart, Firmware, SizeText } from '../../lib';

/**
 * What a family of operating systems needs of its machine, and how it is reached: data. Whatever a profile leaves to its users stands in their props
 * under the same name.
 */
export interface GuestProfile {
  /** How records call it. */
  readonly name: string;
  /** Memory of a sandbox that does not say otherwise. */
  readonly memory: SizeText;
  /** Processors of a sandbox that does not say otherwise. */
  readonly vcpus: number;
  readonly arch: DomainPart['arch'];
  /** Machine type of QEMU; undefined: 'q35', on 64-bit Arm 'virt'. */
  readonly machine: string | undefined;
  /** Undefined: BIOS, on 64-bit Arm UEFI. */
  readonly firmware: Firmware | undefined;
  /** Whether it gets a TPM 2.0. */
  readonly tpm: boolean;
  /** Where its root disk is: on a bus that it has a driver for. */
  readonly diskBus: Disk['bus'];
  /** QEMU's name of a NIC that it has a driver for. */
  readonly nicModel: string;
  /** Whether it is a Windows. */
  readonly windows: boolean;
  /** Whether the QEMU guest agent runs inside. */
  readonly agent: boolean;
  /** Name of the virtio-serial port that the Sandform guest program serves; undefined where none does. */
  readonly execPort: string | undefined;
  /** User that commands run as. */
  readonly user: string;
  /** Whether cloud-init runs inside, so that it takes NoCloud documents. */
  readonly cloudInit: boolean;
  /** Whether the Sandform guest program is brought in by those documents. */
  readonly seeded: boolean;
}

/** An operating system of which nothing is known but that it boots. */
export const PLAIN: GuestProfile = {
  name: 'image',
  memory: '1GiB',
  vcpus: 1,
  arch: 'x86_64',
  machine: undefined,
  firmware: undefined,
  tpm: false,
  diskBus: 'virtio',
  nicModel: 'virtio',
  windows: false,
  agent: false,
  execPort: undefined,
  user: 'root',
  cloudInit: false,
  seeded: false,
};
