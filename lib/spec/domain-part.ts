import { type Static, Type } from '../schema';
import { Firmware } from './firmware';
import { Hardware } from './hardware';
import { OtherHypervisor } from './other-hypervisor';

const closed = { additionalProperties: false } as const;

/** Text that XML can carry: well-formed Unicode on one line. */
const XML_TEXT = '^[^\\u0000-\\u001f\\u007f-\\u009f\\ufffe\\uffff\\p{Surrogate}]*$';

/** Name of a thing on the host: what libvirt, a file system and a DNS label all take. */
export const HostName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,126}$' });

/** Name of a network filter of ours: `sandform-DOMAIN-NIC`. */
export const FilterName = Type.String({ pattern: '^sandform-[A-Za-z0-9][A-Za-z0-9_-]{0,126}-\\d+$' });

/** SHA-256 in lower-case hexadecimal. */
export const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** `other`: one that the declaration brought along, see {@link OtherHypervisor}. */
export const Hypervisor = Type.Union([Type.Literal('qemu'), Type.Literal('lxc'), Type.Literal('vbox'), Type.Literal('other')]);
export type Hypervisor = Static<typeof Hypervisor>;

/** `kvm` is the default; `tcg` is emulation, which QEMU does not treat as a security boundary. Only for `qemu`. */
export const Accelerator = Type.Union([Type.Literal('kvm'), Type.Literal('tcg')]);
export type Accelerator = Static<typeof Accelerator>;

/** A verified file in the pool of the host, named by what it holds. */
export const ImageReference = Type.Object(
  {
    digest: Digest,
    format: Type.Union([Type.Literal('qcow2'), Type.Literal('raw')]),
    /** Size that the guest sees, bytes. For a kernel or initrd: size of the file. */
    virtualSize: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type ImageReference = Static<typeof ImageReference>;

export const Disk = Type.Object(
  {
    /** Name within the sandbox: `root`, or the name of an extra disk. */
    name: HostName,
    /** Copy-on-write over this image; a blank disk where absent. The image itself is never written. */
    image: Type.Optional(ImageReference),
    /** Size that the guest sees, bytes; at least that of the image. */
    size: Type.Integer({ minimum: 1 }),
    bus: Type.Union([Type.Literal('virtio'), Type.Literal('sata'), Type.Literal('scsi')], { default: 'virtio' }),
  },
  closed,
);
export type Disk = Static<typeof Disk>;

export const Nic = Type.Object(
  {
    /** libvirt's name of the network. */
    network: HostName,
    /** Lower-case, colons. */
    mac: Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' }),
    model: Type.String({ pattern: '^[a-z0-9-]+$', default: 'virtio' }),
    /** IPv4 address that the network keeps for it; absent where the network is not ours. */
    address: Type.Optional(Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$' })),
    /** Name of the libvirt network filter that what passes is held to. */
    filter: Type.Optional(FilterName),
    /** Present where it is on no network of the host: QEMU plays one for it alone. `restricted`: nothing passes but DHCP. Needs an address. */
    userMode: Type.Optional(Type.Object({ subnet: Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$' }), restricted: Type.Boolean() }, closed)),
  },
  closed,
);
export type Nic = Static<typeof Nic>;

/** Boots a kernel directly, without firmware and boot loader. */
export const KernelBoot = Type.Object({ kernel: ImageReference, initrd: Type.Optional(ImageReference), cmdline: Type.String({ pattern: XML_TEXT, maxLength: 2048 }) }, closed);
export type KernelBoot = Static<typeof KernelBoot>;

/** A folder of the host inside a container. */
export const Filesystem = Type.Object({ source: Type.String({ pattern: XML_TEXT }), target: Type.String({ pattern: XML_TEXT }), readonly: Type.Boolean() }, closed);
export type Filesystem = Static<typeof Filesystem>;

/** Where a container's root filesystem comes from: kinds of what was hashed, and its digest. */
export const RootReference = Type.Object(
  {
    /** Of the tarball, of all that a folder holds, or of the manifest of an image in an OCI layout. */
    digest: Digest,
    kind: Type.Union([Type.Literal('tarball'), Type.Literal('directory'), Type.Literal('oci')]),
  },
  closed,
);
export type RootReference = Static<typeof RootReference>;

/** What makes a domain a container. */
export const ContainerPart = Type.Object(
  {
    /** Copy-on-write over this; the original is never written. */
    root: RootReference,
    /** Its first process: a program and its arguments. */
    init: Type.Array(Type.String({ minLength: 1, maxLength: 4096, pattern: XML_TEXT }), { minItems: 1, maxItems: 64 }),
    /** Whether its users are nobody on the host, see CONTAINER_USERS. Without it, its root is the host's root. */
    userNamespace: Type.Boolean(),
  },
  closed,
);
export type ContainerPart = Static<typeof ContainerPart>;

/** How to reach inside the guest. */
export const GuestPart = Type.Object(
  {
    /** Name of the guest profile, e.g. `micro`, `debian12`, `image`. */
    name: Type.String({ minLength: 1, maxLength: 63 }),
    /** Name of the virtio-serial port that the Sandform guest program serves; absent where the guest has none. */
    execPort: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,63}$' })),
    /** Whether a QEMU guest agent answers inside. */
    agent: Type.Boolean(),
    /** User that commands run as. */
    user: Type.String({ pattern: '^[a-z_][a-z0-9_-]{0,31}$', default: 'root' }),
  },
  closed,
);
export type GuestPart = Static<typeof GuestPart>;

/** One raw change of the domain XML. Elements that are missing are added. */
export const XmlOverride = Type.Object(
  {
    /** Element below `domain`, e.g. `devices/disk[2]/driver`, counted from 1; `/` is `domain` itself. */
    path: Type.String({ pattern: '^(/|[A-Za-z_][A-Za-z0-9_.:-]*(\\[[1-9][0-9]{0,3}\\])?(/[A-Za-z_][A-Za-z0-9_.:-]*(\\[[1-9][0-9]{0,3}\\])?)*)$', maxLength: 512 }),
    /** Absent: the element's text, or with a null value the element itself. */
    attribute: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.:-]*$', maxLength: 128 })),
    /** Null removes. */
    value: Type.Union([Type.String({ pattern: XML_TEXT, maxLength: 4096 }), Type.Null()]),
  },
  closed,
);
export type XmlOverride = Static<typeof XmlOverride>;

/** What of a sandbox can't change while it lives: a change plans a replacement. */
export const DomainPart = Type.Object(
  {
    hypervisor: Hypervisor,
    /** Only for `other`. */
    other: Type.Optional(OtherHypervisor),
    accelerator: Type.Optional(Accelerator),
    /** libvirt's name of the domain: `STACK-SANDBOX`. */
    name: HostName,
    arch: Type.Union([Type.Literal('x86_64'), Type.Literal('aarch64')]),
    /** Machine type of the hypervisor, e.g. `q35`; the hypervisor's default where absent. */
    machine: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]+$' })),
    /** Bytes, whole mebibytes. */
    memory: Type.Integer({ minimum: 2 ** 20, multipleOf: 2 ** 20 }),
    vcpus: Type.Integer({ minimum: 1, maximum: 512 }),
    guest: GuestPart,
    /** Absent: BIOS, and on 64-bit Arm without a kernel UEFI. */
    firmware: Type.Optional(Firmware),
    /** Whether there is a TPM 2.0, which swtpm emulates. */
    tpm: Type.Optional(Type.Boolean()),
    /** What it says that it is; QEMU's own words where absent. */
    hardware: Type.Optional(Hardware),
    /** Whether it is made for Windows: a clock in local time, sockets that its editions can use and, with KVM, Hyper-V's interfaces. */
    windows: Type.Optional(Type.Boolean()),
    /** Read-only CDs in SATA drives. */
    cdroms: Type.Optional(Type.Array(ImageReference)),
    /** Absent: the firmware boots the first disk. */
    kernelBoot: Type.Optional(KernelBoot),
    disks: Type.Array(Disk),
    nics: Type.Array(Nic),
    filesystems: Type.Array(Filesystem),
    /** Only for `lxc`. */
    container: Type.Optional(ContainerPart),
    /** Digest of the cloud-init documents; the documents themselves may hold secrets and stay out of the spec. */
    cloudInit: Type.Optional(Type.Object({ digest: Digest }, closed)),
    /** A display that screenshots can be taken of; it listens on loopback only. */
    display: Type.Boolean(),
    /** Raw changes of the domain XML, in order. */
    xmlOverrides: Type.Array(XmlOverride),
  },
  { ...closed, $id: 'DomainPart' },
);
/** What of a sandbox can't change while it lives. Sizes in bytes. */
export type DomainPart = Static<typeof DomainPart>;
