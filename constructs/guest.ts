import { join } from 'node:path';
import type { ContainerPart, DomainPart, GuestPart, Hypervisor, ImageReference, KernelBoot, SizeText } from '../lib';
import { builtGuest } from './built-guest';
import { type ContainerGuestProps, containerPart } from './container-guest';
import { Image } from './image';
import type { RootFilesystem } from './root-filesystem';

/** How to boot and reach an operating system that Sandform did not build. */
export interface GuestProps {
  /** How records call it. @default 'image' */
  readonly name?: string;
  /** Memory of a sandbox that does not say otherwise. @default '1GiB' */
  readonly memory?: SizeText;
  /** @default 'x86_64' */
  readonly arch?: DomainPart['arch'];
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

/** What a guest turns out to be once its files have been looked at. */
export interface GuestFacts {
  readonly part: GuestPart;
  readonly arch: DomainPart['arch'];
  /** Absent where there is no disk to boot from, as in a container. */
  readonly root?: ImageReference;
  readonly container?: ContainerPart;
  readonly kernelBoot?: KernelBoot;
  /** Whether it takes cloud-init documents. */
  readonly cloudInit: boolean;
}

/** The operating system inside a sandbox, and how to talk to it. */
export class Guest {
  private known: GuestFacts | undefined;

  private constructor(
    /** Name of the guest profile. */
    readonly name: string,
    /** Memory of a sandbox that does not say otherwise. */
    readonly memory: SizeText,
    private readonly describe: (doing: string) => GuestFacts,
    /** What runs it. */
    readonly hypervisor: Hypervisor = 'qemu',
  ) {}

  /** A Linux of few megabytes that is up in seconds: busybox, an SSH server, the guest agent. */
  static micro(): Guest {
    return new Guest('micro', '128MiB', (doing) => describeBuild('micro', doing));
  }

  /** A Debian 12 with systemd. */
  static debian12(): Guest {
    return new Guest('debian12', '512MiB', (doing) => describeBuild('debian12', doing));
  }

  /** An operating system in a disk image of one's own. */
  static fromImage(image: Image, props: GuestProps = {}): Guest {
    const { name = 'image', memory = '1GiB' } = props;
    return new Guest(name, memory, (doing) => describeImage(name, image, props, doing));
  }

  /** A container on the host's own kernel, over a root filesystem. No boundary for software that you do not trust: see docs/containers.md. */
  static container(root: RootFilesystem, props: ContainerGuestProps = {}): Guest {
    const { name = 'container', memory = '256MiB', arch = 'x86_64' } = props;
    const part = { name, agent: false, user: 'root' };
    return new Guest(name, memory, (doing) => ({ part, arch, cloudInit: false, container: containerPart(root, props, doing) }), 'lxc');
  }

  /**
   * Looks at its files.
   * @param doing beginning of messages
   * @throws SandformError `IMAGE_MISSING`, `IMAGE_NOT_A_DISK`, `IMAGE_BACKED`, `ROOT_UNREADABLE`
   */
  facts(doing: string): GuestFacts {
    this.known ??= this.describe(doing);
    return this.known;
  }
}

function describeBuild(name: string, doing: string): GuestFacts {
  const { folder, files, architecture, cmdline = '', channel, user, packages } = builtGuest(name, doing);
  const { file, format, sha256, virtualSize } = files.root;
  const extra = (part: { readonly file: string; readonly sha256: string }) => Image.fromFile(join(folder, part.file), part.sha256).reference(doing);
  return {
    part: { name, agent: true, execPort: channel, user },
    arch: architecture,
    cloudInit: 'cloud-init' in packages,
    root: Image.fromFacts(join(folder, file), { digest: sha256, format, virtualSize }).reference(doing),
    ...(files.kernel === undefined ? {} : { kernelBoot: { kernel: extra(files.kernel), ...(files.initrd === undefined ? {} : { initrd: extra(files.initrd) }), cmdline } }),
  };
}

function describeImage(name: string, image: Image, { agent = false, execPort, user = 'root', arch = 'x86_64', cloudInit = false, kernel, initrd, cmdline = '' }: GuestProps, doing: string): GuestFacts {
  return {
    part: { name, agent, user, ...(execPort === undefined ? {} : { execPort }) },
    arch,
    cloudInit,
    root: image.reference(doing),
    ...(kernel === undefined
      ? {}
      : { kernelBoot: { kernel: Image.fromFile(kernel).reference(doing), ...(initrd === undefined ? {} : { initrd: Image.fromFile(initrd).reference(doing) }), cmdline } }),
  };
}
