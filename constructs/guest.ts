import { join } from 'node:path';
import { type ContainerPart, type Disk, type DomainPart, type GuestPart, type Hypervisor, type ImageReference, type KernelBoot, Size, type SizeText } from '../lib';
import { answerDisc } from './answer-disc';
import { builtGuest } from './built-guest';
import { type ContainerGuestProps, containerPart } from './container-guest';
import { type BuiltProfile, DEBIAN12, MICRO } from './guests/built';
import { ALPINE, UBUNTU } from './guests/cloud-images';
import type { DefinedHypervisor } from './defined-hypervisor';
import type { CloudImageProps, FirmwareProps, GuestProps, OtherGuestProps, WindowsProps } from './guest-props';
import { type GuestProfile, PLAIN } from './guests/guest-profile';
import { WINDOWS_10, WINDOWS_11 } from './guests/windows';
import { Image } from './image';
import { once } from './pass';
import type { RootFilesystem } from './root-filesystem';

/** What a guest needs of its machine: of the domain part as it stands there. */
export type GuestMachine = Pick<DomainPart, 'arch' | 'machine' | 'firmware' | 'tpm' | 'windows' | 'cdroms'> & {
  readonly diskBus: Disk['bus'];
  readonly nicModel: string;
};

/** What a guest turns out to be once its files have been looked at. */
export interface GuestFacts {
  readonly part: GuestPart;
  readonly machine: GuestMachine;
  /** Its image; a blank disk of so many bytes where it installs itself; absent where there is no disk to boot from, as in a container. */
  readonly root?: ImageReference | number;
  readonly container?: ContainerPart;
  readonly kernelBoot?: KernelBoot;
  /** Whether it takes cloud-init documents. */
  readonly cloudInit: boolean;
}

/** The operating system inside a sandbox, and how to talk to it. */
export class Guest {
  private known: GuestFacts | undefined;

  private constructor(
    private readonly profile: Pick<GuestProfile, 'name' | 'memory' | 'vcpus' | 'seeded'>,
    private readonly describe: (doing: string) => GuestFacts,
    /** What runs it. */
    readonly hypervisor: Hypervisor = 'qemu',
    /** @internal Where it is none that Sandform knows. */
    readonly definition?: DefinedHypervisor,
  ) {}

  /** A Linux of few megabytes that is up in seconds: busybox, an SSH server, the guest agent. Not for Secure Boot: its kernel has no boot loader before it. */
  static micro(props: FirmwareProps = {}): Guest {
    return built(MICRO, props);
  }

  /** A Debian 12 with systemd. With UEFI it is booted from its disk, by signed boot loaders, which takes another build: `sandform guest build debian12-uefi`. */
  static debian12(props: FirmwareProps = {}): Guest {
    return built(DEBIAN12, props);
  }

  /** Ubuntu from one of its cloud images. Its first boot brings Sandform's guest program in, without a network. */
  static ubuntu(image: Image, props: CloudImageProps = {}): Guest {
    return fromProfile({ ...UBUNTU, ...given(props) }, image);
  }

  /** Alpine from one of its cloud images for NoCloud with cloud-init. Its first boot brings Sandform's guest program in, without a network. */
  static alpine(image: Image, props: CloudImageProps = {}): Guest {
    return fromProfile({ ...ALPINE, ...given(props) }, image);
  }

  /** Windows 10: a disk with it, or with `install` the CD of its set-up, which then asks nothing. Commands can't be run in it. */
  static windows10(image: Image, props: WindowsProps = {}): Guest {
    return windows({ ...WINDOWS_10, ...given(props) }, 'windows10', image, props);
  }

  /** Windows 11: as {@link windows10}, with UEFI, Secure Boot and a TPM. */
  static windows11(image: Image, props: WindowsProps = {}): Guest {
    return windows({ ...WINDOWS_11, ...given(props) }, 'windows11', image, props);
  }

  /** An operating system in a disk image of one's own. */
  static fromImage(image: Image, { kernel, initrd, cmdline = '', ...props }: GuestProps = {}): Guest {
    const boot = (doing: string): Partial<GuestFacts> =>
      kernel === undefined ? {} : { kernelBoot: { kernel: Image.fromFile(kernel).reference(doing), ...(initrd === undefined ? {} : { initrd: Image.fromFile(initrd).reference(doing) }), cmdline } };
    return fromProfile({ ...PLAIN, ...defined(props) }, image, boot);
  }

  /** @internal */
  static of(profile: Pick<GuestProfile, 'name' | 'memory' | 'vcpus' | 'seeded'>, describe: (doing: string) => GuestFacts, hypervisor?: Hypervisor, definition?: DefinedHypervisor): Guest {
    return new Guest(profile, describe, hypervisor, definition);
  }

  /** Name of the guest profile. */
  get name(): string {
    return this.profile.name;
  }

  /** Memory of a sandbox that does not say otherwise. */
  get memory(): SizeText {
    return this.profile.memory;
  }

  /** Processors of a sandbox that does not say otherwise. */
  get vcpus(): number {
    return this.profile.vcpus;
  }

  /** Whether cloud-init documents bring Sandform's guest program in. */
  get seeded(): boolean {
    return this.profile.seeded;
  }

  /** A container on the host's own kernel, over a root filesystem. No boundary for software that you do not trust: see docs/containers.md. */
  static container(root: RootFilesystem, props: ContainerGuestProps = {}): Guest {
    const { name = 'container', memory = '256MiB', arch = 'x86_64' } = props;
    const describe = (doing: string): GuestFacts => ({ part: { name, agent: false, user: 'root' }, machine: machineOf({ ...PLAIN, arch }), cloudInit: false, container: containerPart(root, props, doing) });
    return new Guest({ name, memory, vcpus: 1, seeded: false }, describe, 'lxc');
  }

  /** A virtual machine of VirtualBox, from a disk image: nothing of Sandform's runs inside, so no commands. Runs as the user who deploys: see docs/hypervisors.md. */
  static virtualBox(image: Image, props: OtherGuestProps = {}): Guest {
    return machine({ ...props, name: props.name ?? 'virtualbox', image }, 'vbox');
  }

  /** A machine of a hypervisor that Sandform does not know. Without an image it has no disk of its own. */
  static on(hypervisor: DefinedHypervisor, props: OtherGuestProps & { readonly image?: Image } = {}): Guest {
    return machine({ ...props, name: props.name ?? hypervisor.name }, 'other', hypervisor);
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

function built(profile: BuiltProfile, { firmware, tpm = false }: FirmwareProps): Guest {
  const { name, memoryFor, buildFor } = profile;
  const describe = (doing: string): GuestFacts => {
    const { folder, files, architecture, cmdline = '', channel, user, packages } = builtGuest(buildFor(firmware ?? 'bios'), doing);
    const { file, format, sha256, virtualSize } = files.root;
    const extra = (part: { readonly file: string; readonly sha256: string }) => Image.fromFile(join(folder, part.file), part.sha256).reference(doing);
    return {
      part: { name, agent: true, execPort: channel, user },
      machine: machineOf({ ...PLAIN, arch: architecture, firmware, tpm }),
      cloudInit: 'cloud-init' in packages,
      root: Image.fromFacts(join(folder, file), { digest: sha256, format, virtualSize }).reference(doing),
      ...(files.kernel === undefined ? {} : { kernelBoot: { kernel: extra(files.kernel), ...(files.initrd === undefined ? {} : { initrd: extra(files.initrd) }), cmdline } }),
    };
  };
  // Of as many sandboxes as there are, its build is read once.
  return Guest.of({ name, memory: memoryFor(firmware ?? 'bios'), vcpus: 1, seeded: false }, (doing) => once(profile, `${firmware ?? ''} ${tpm}`, () => describe(doing)));
}

function fromProfile(profile: GuestProfile, image: Image, more: (doing: string) => Partial<GuestFacts> = () => ({})): Guest {
  const { name, agent, user, execPort, cloudInit } = profile;
  return Guest.of(profile, (doing) => ({
    part: { name, agent, user, ...(execPort === undefined ? {} : { execPort }) },
    machine: machineOf(profile),
    cloudInit,
    root: image.reference(doing),
    ...more(doing),
  }));
}

/** What is asked of its user is answered by a CD beside its own. */
function windows(profile: GuestProfile, release: 'windows10' | 'windows11', image: Image, { install, drivers, ...answers }: WindowsProps): Guest {
  return fromProfile(profile, image, (doing) => {
    const reference = image.reference(doing);
    const installs = install === undefined ? undefined : { uefi: (profile.firmware ?? 'bios') !== 'bios' };
    const discs = [...(install === undefined ? [] : [reference]), answerDisc(release, answers, installs).reference(doing), ...(drivers === undefined ? [] : [drivers.reference(doing)])];
    return { root: install === undefined ? reference : Size.parse(install, `${doing}: install`).bytes, machine: { ...machineOf(profile), cdroms: discs } };
  });
}

/** A machine of a hypervisor with which no provider deals. */
function machine({ name, memory = '512MiB', vcpus = 1, arch = 'x86_64', image }: OtherGuestProps & { readonly name: string; readonly image?: Image }, hypervisor: Hypervisor, definition?: DefinedHypervisor): Guest {
  const describe = (doing: string): GuestFacts => ({
    part: { name, agent: false, user: 'root' },
    machine: machineOf({ ...PLAIN, arch, diskBus: 'sata', nicModel: VIRTUALBOX_NIC }),
    ...(image === undefined ? {} : { root: image.reference(doing) }),
    cloudInit: false,
  });
  return Guest.of({ name, memory, vcpus, seeded: false }, describe, hypervisor, definition);
}

/** Intel's PRO/1000 MT, for which every operating system of the last twenty years has a driver. */
const VIRTUALBOX_NIC = '82540em';

function machineOf({ arch, machine, firmware, tpm, windows: isWindows, diskBus, nicModel }: GuestProfile): GuestMachine {
  return {
    arch,
    ...(machine === undefined ? {} : { machine }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(tpm ? { tpm } : {}),
    ...(isWindows ? { windows: true } : {}),
    diskBus,
    nicModel,
  };
}

/** Of what users give, what profiles have. */
function given({ firmware, tpm, memory, arch }: CloudImageProps): Partial<GuestProfile> {
  return defined({ firmware, tpm, memory, arch });
}

/** What is undefined must not take the place of a profile's own. */
function defined(values: { readonly [Name in keyof GuestProfile]?: GuestProfile[Name] | undefined }): Partial<GuestProfile> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
