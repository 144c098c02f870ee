import { SeedDocuments } from '../discs';
import { type Static, Type } from '../schema';
import { Conduct, Digest, type DomainPart, DriverUri, FilterName, FirmwareNeeds, HostName, Hypervisor, Identity, ImageReference, Name, Nic } from '../spec';

const closed = { additionalProperties: false } as const;

/** Generation of the companion's input; a companion refuses others. */
export const COMPANION_SCHEMA_VERSION = 1;

/** Environment variables by which Terraform hands the companion its input. */
export const COMPANION_ENVIRONMENT = {
  /** A {@link CompanionCall} as JSON. */
  input: 'SANDFORM_COMPANION',
  /** A {@link CompanionMoment}. */
  when: 'SANDFORM_COMPANION_WHEN',
} as const;

/** Whether Terraform makes or destroys the thing. */
export const CompanionMoment = Type.Union([Type.Literal('create'), Type.Literal('destroy')]);
export type CompanionMoment = Static<typeof CompanionMoment>;

const common = {
  schemaVersion: Type.Literal(COMPANION_SCHEMA_VERSION),
  /** libvirt URI; null: LIBVIRT_DEFAULT_URI of the companion's own environment, else `qemu:///system`. */
  uri: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
};

/** Of the domain that is meant. Where it is not QEMU, its domains are on another driver of the same libvirt. */
const hypervisor = {
  hypervisor: Type.Optional(Hypervisor),
  /** URI of that driver, where the declaration brought the hypervisor along. */
  driver: Type.Optional(DriverUri),
};

const DomainUuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

/** Whose a sandbox is: all of its identity that is known before it is born. */
export const SandboxOwnership = Type.Object({ app: Name, stack: Name, sandbox: Name }, closed);
export type SandboxOwnership = Static<typeof SandboxOwnership>;

/** Whose a stack's pool marker or network is. */
export const NetworkOwnership = Type.Object({ app: Name, stack: Name }, closed);
export type NetworkOwnership = Static<typeof NetworkOwnership>;

/**
 * create: the pool `sandform` is there and holds no marker of this stack: one that is there belongs to a Terraform state
 * that was lost or lies elsewhere. destroy: never called; the pool is shared and stays.
 */
export const PoolInput = Type.Object({ action: Type.Literal('pool'), ...common, owner: NetworkOwnership }, closed);
export type PoolInput = Static<typeof PoolInput>;

/**
 * create: the stack is no longer settled, and what an earlier deploy made of it in the moment in which it died, so that Terraform's
 * state does not know it, is gone. destroy: never called.
 */
export const BeginInput = Type.Object(
  {
    action: Type.Literal('begin'),
    ...common,
    owner: NetworkOwnership,
    /** Of all that the stack is made of: where that changes, the companion is called. */
    digest: Digest,
  },
  closed,
);
export type BeginInput = Static<typeof BeginInput>;

/** create: the stack is settled; called once all of it is there. destroy: never called. */
export const SettleInput = Type.Object({ action: Type.Literal('settle'), ...common, owner: NetworkOwnership }, closed);
export type SettleInput = Static<typeof SettleInput>;

/**
 * create: the pool `sandform` is there and holds the volume baseVolumeName(digest), from the file that the image index
 * of this machine names. destroy: never called; base volumes are shared and pruned by the reaper.
 */
export const ImageInput = Type.Object({ action: Type.Literal('image'), ...common, image: ImageReference }, closed);
export type ImageInput = Static<typeof ImageInput>;

/**
 * create: the name is free or the network is ours; the subnet overlaps nothing on the host and is reserved until the
 * network is there. destroy: the reservation, if one is left, is dropped.
 */
export const NetworkInput = Type.Object(
  {
    action: Type.Literal('network'),
    ...common,
    owner: NetworkOwnership,
    /** libvirt's name of the network. */
    name: HostName,
    /** IPv4 network in CIDR form, e.g. `10.88.3.0/24`. */
    subnet: Type.Optional(Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$' })),
    /** First address of an IPv6 network of 64 bits. */
    network6: Type.Optional(Type.String({ pattern: '^[0-9a-f:]+::$' })),
  },
  closed,
);
export type NetworkInput = Static<typeof NetworkInput>;

/** A NIC, and under what its network keeps an address for it. */
export const NicInput = Type.Object(
  {
    network: HostName,
    mac: Nic.properties.mac,
    filter: FilterName,
    address: Nic.properties.address,
    name: Type.Optional(HostName),
  },
  closed,
);
export type NicInput = Static<typeof NicInput>;

/**
 * create: the pool `sandform` is there; the host offers what the domain needs; no domain has the name unless it is this very sandbox; each NIC has its filter, which is
 * closed where it is new, and its address on a network that is there already. destroy: where the domain is gone, so are those.
 */
export const DomainInput = Type.Object(
  {
    action: Type.Literal('domain'),
    ...common,
    ...hypervisor,
    owner: SandboxOwnership,
    /** libvirt's name of the domain. */
    name: HostName,
    nics: Type.Array(NicInput),
    /** What its host must offer; absent where every host does. */
    needs: Type.Optional(FirmwareNeeds),
  },
  closed,
);
export type DomainInput = Static<typeof DomainInput>;

/** create: the volume that Terraform made for the seed of a domain holds these documents. destroy: never called; Terraform removes the volume. */
export const SeedInput = Type.Object(
  {
    action: Type.Literal('seed'),
    ...common,
    /** libvirt's name of the domain. */
    name: HostName,
    documents: SeedDocuments,
  },
  closed,
);
export type SeedInput = Static<typeof SeedInput>;

/** A {@link DomainPart} by a name that the compiler keeps: what it writes out itself comes in another order from one build to the next. */
export interface MadeDomain extends DomainPart {}

/**
 * create: the domain, which no provider makes, is there with its disks, or with its root filesystem from the place that the root index of this machine
 * names, and runs if it shall where it is new; one of another UUID is replaced. destroy: never called; its release removes it.
 */
export const MakeInput = Type.Object(
  {
    action: Type.Literal('make'),
    ...common,
    ...hypervisor,
    /** Of the domain that is to be. */
    uuid: DomainUuid,
    identity: Identity,
    /** A {@link DomainPart}, which the step checks: it has defaults, and a union takes none. */
    domain: Type.Unsafe<MadeDomain>({ type: 'object' }),
    running: Type.Boolean(),
  },
  closed,
);
export type MakeInput = Static<typeof MakeInput>;

/** create: the conduct stands in the domain's metadata, live and persistent, and its egress in the filters of its NICs. destroy: never called. */
export const ConductInput = Type.Object(
  {
    action: Type.Literal('conduct'),
    ...common,
    ...hypervisor,
    owner: SandboxOwnership,
    name: HostName,
    /** Of the domain that is meant. */
    uuid: DomainUuid,
    conduct: Conduct,
  },
  closed,
);
export type ConductInput = Static<typeof ConductInput>;

/**
 * create: never called. destroy: the domain, if it is there and ours, is in a state from which every provider can
 * destroy it: off, without managed save, snapshots and checkpoints. One that no provider knows is removed.
 */
export const ReleaseInput = Type.Object(
  {
    action: Type.Literal('release'),
    ...common,
    ...hypervisor,
    owner: SandboxOwnership,
    name: HostName,
    /** Of the domain that is meant. */
    uuid: DomainUuid,
  },
  closed,
);
export type ReleaseInput = Static<typeof ReleaseInput>;

/** One thing that the companion looks after. */
export const CompanionInput = Type.Union([PoolInput, BeginInput, ImageInput, NetworkInput, DomainInput, SeedInput, MakeInput, ConductInput, SettleInput, ReleaseInput]);
export type CompanionInput = Static<typeof CompanionInput>;

/**
 * What Terraform hands the companion in one go: things to do in their order. When one fails, the reservations that this
 * very call made are dropped again: Terraform runs no destroy step after a create step that failed.
 */
export const CompanionCall = Type.Array(CompanionInput, { minItems: 1 });
export type CompanionCall = Static<typeof CompanionCall>;

/** Actions that the companion is called for, by the moment; a call's other actions are passed over. */
export const COMPANION_CALLS = {
  create: ['pool', 'begin', 'image', 'network', 'domain', 'seed', 'make', 'conduct', 'settle'],
  destroy: ['network', 'domain', 'release'],
} as const satisfies Record<CompanionMoment, readonly CompanionInput['action'][]>;
