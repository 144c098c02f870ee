import type { Disk, DomainPart, Firmware, SizeText } from '../lib';
import type { Image } from './image';
import type { WindowsAnswers } from './windows-answers';

/** What every guest may be started with. */
export interface FirmwareProps {
  /** @default 'bios', on 64-bit Arm 'uefi'; what Windows 11 asks for is 'uefi-secure' */
  readonly firmware?: Firmware;
  /** Whether it has a TPM 2.0, emulated by swtpm. @default false; Windows 11 has one */
  readonly tpm?: boolean;
}

/** What a cloud image may need other than its family does. */
export interface CloudImageProps extends FirmwareProps {
  /** Memory of a sandbox that does not say otherwise. @default Ubuntu '1GiB', Alpine '256MiB' */
  readonly memory?: SizeText;
  /** @default 'x86_64' */
  readonly arch?: DomainPart['arch'];
}

/** How Windows is installed, or starts for the first time. */
export interface WindowsProps extends FirmwareProps, WindowsAnswers {
  /** Memory of a sandbox that does not say otherwise. @default '4GiB' */
  readonly memory?: SizeText;
  /** Size of a blank root disk that Windows is installed onto, from the image, which then is the CD of its set-up. @default none: the image is a disk with Windows on it */
  readonly install?: SizeText;
  /** The CD of virtio-win, for drivers and the guest agent. @default none */
  readonly drivers?: Image;
}

/** How to boot and reach an operating system that Sandform did not build. */
export interface GuestProps extends FirmwareProps {
  /** How records call it. @default 'image' */
  readonly name?: string;
  /** Memory of a sandbox that does not say otherwise. @default '1GiB' */
  readonly memory?: SizeText;
  /** Processors of a sandbox that does not say otherwise. @default 1 */
  readonly vcpus?: number;
  /** @default 'x86_64' */
  readonly arch?: DomainPart['arch'];
  /** Machine type of QEMU, where the sandbox names none. @default 'q35', on 64-bit Arm 'virt' */
  readonly machine?: string;
  /** Bus of the root disk. @default 'virtio' */
  readonly diskBus?: Disk['bus'];
  /** QEMU's name of its NICs. @default 'virtio' */
  readonly nicModel?: string;
  /** Whether it is a Windows: it gets a clock in local time and, with KVM, Hyper-V's interfaces. @default false */
  readonly windows?: boolean;
  /** Whether the QEMU guest agent runs inside. @default false */
  readonly agent?: boolean;
  /** Name of the virtio-serial port that the Sandform guest program serves. @default none */
  readonly execPort?: string;
  /** User that commands run as. @default 'root' */
  readonly user?: string;
  /** Whether cloud-init runs inside, so that it takes NoCloud documents. @default false */
  readonly cloudInit?: boolean;
  /** Kernel to boot directly. @default none: the firmware boots the disk */
  readonly kernel?: string;
  /** Initial RAM disk for the kernel. @default none */
  readonly initrd?: string;
  /** Command line of the kernel. @default '' */
  readonly cmdline?: string;
}

/** A machine in which nothing of Sandform's runs. */
export interface OtherGuestProps {
  /** How records call it. @default 'virtualbox', else the name of the hypervisor */
  readonly name?: string;
  /** Memory of a sandbox that does not say otherwise. @default '512MiB' */
  readonly memory?: SizeText;
  /** @default 1 */
  readonly vcpus?: number;
  /** @default 'x86_64' */
  readonly arch?: DomainPart['arch'];
}
