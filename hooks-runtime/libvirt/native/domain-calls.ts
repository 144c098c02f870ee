import type { CallContext } from './call-context';
import { checked } from './checked';
import { CallFailure } from './failure';
import { libvirt, libvirtQemu, type Pointer } from './library';
import { drained, Out, readStruct, uuidText } from './memory';
import { STRUCTS } from './structs';

/** A domain, known by what never changes (the UUID) and what rarely does (the name). */
export interface DomainIdentity {
  readonly uuid: string;
  readonly name: string;
}

/** One domain as libvirt tells it, numbers not yet named. */
export interface RawDomainInfo extends DomainIdentity {
  readonly state: number;
  readonly reason: number;
  readonly id: number | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly maxMemoryKiB: number;
  readonly memoryKiB: number;
  readonly vcpus: number;
  readonly cpuTimeNs: number;
}

/** Sizes of a disk in bytes: what the guest sees, what it takes on the host, the length of its file. */
export interface BlockInfo {
  readonly capacity: number;
  readonly allocation: number;
  readonly physical: number;
}

/** Looks a domain up, uses it and frees it: no handle outlives a call. */
export function withDomain<Result>({ connection }: CallContext, uuid: string, use: (domain: Pointer, connection: Pointer) => Result): Result {
  const domain = checked(connection, libvirt.virDomainLookupByUUIDString(connection, uuid));
  try {
    return use(domain, connection);
  } finally {
    libvirt.virDomainFree(domain);
  }
}

/** Calls that concern the life of domains. Flags are libvirt's numbers. */
export const domainCalls = {
  domainList({ connection }: CallContext, flags: number): DomainIdentity[] {
    const array = new Out();
    const length = checked(connection, libvirt.virConnectListAllDomains(connection, array.buffer, flags));
    return drained(array.pointer, length, libvirt.virDomainFree, (domain) => identityOf(connection, domain));
  },

  domainByName({ connection }: CallContext, name: string): DomainIdentity {
    return taken(connection, libvirt.virDomainLookupByName(connection, name));
  },

  domainByUuid({ connection }: CallContext, uuid: string): DomainIdentity {
    return taken(connection, libvirt.virDomainLookupByUUIDString(connection, uuid));
  },

  domainDefine({ connection }: CallContext, xml: string, flags: number): DomainIdentity {
    return taken(connection, libvirt.virDomainDefineXMLFlags(connection, xml, flags));
  },

  domainCreateTransient({ connection }: CallContext, xml: string, flags: number): DomainIdentity {
    return taken(connection, libvirt.virDomainCreateXML(connection, xml, flags));
  },

  domainInfo: (context: CallContext, uuid: string): RawDomainInfo => withDomain(context, uuid, infoOf),

  domainState: (context: CallContext, uuid: string) => withDomain(context, uuid, stateOf),

  domainXml: (context: CallContext, uuid: string, flags: number): string =>
    withDomain(context, uuid, (domain, connection) => checked(connection, libvirt.virDomainGetXMLDesc(domain, flags))),

  domainCreate: act((domain, flags: number) => libvirt.virDomainCreateWithFlags(domain, flags)),
  domainDestroy: act((domain, flags: number) => libvirt.virDomainDestroyFlags(domain, flags)),
  domainShutdown: act((domain, flags: number) => libvirt.virDomainShutdownFlags(domain, flags)),
  domainReboot: act((domain, flags: number) => libvirt.virDomainReboot(domain, flags)),
  domainReset: act((domain) => libvirt.virDomainReset(domain, 0)),
  domainSuspend: act((domain) => libvirt.virDomainSuspend(domain)),
  domainResume: act((domain) => libvirt.virDomainResume(domain)),
  domainPmSuspend: act((domain, target: number) => libvirt.virDomainPMSuspendForDuration(domain, target, 0, 0)),
  domainPmWakeup: act((domain) => libvirt.virDomainPMWakeup(domain, 0)),
  domainManagedSave: act((domain, flags: number) => libvirt.virDomainManagedSave(domain, flags)),
  domainHasManagedSave: (context: CallContext, uuid: string): boolean =>
    withDomain(context, uuid, (domain, connection) => checked(connection, libvirt.virDomainHasManagedSaveImage(domain, 0)) === 1),
  domainManagedSaveRemove: act((domain) => libvirt.virDomainManagedSaveRemove(domain, 0)),
  domainSave: act((domain, file: string, xml: string | null, flags: number) => libvirt.virDomainSaveFlags(domain, file, xml, flags)),
  domainSetAutostart: act((domain, on: boolean) => libvirt.virDomainSetAutostart(domain, on ? 1 : 0)),
  domainCoreDump: act((domain, file: string, format: number, flags: number) => libvirt.virDomainCoreDumpWithFormat(domain, file, format, flags)),
  domainSendKey: act((domain, codeset: number, holdMs: number, keys: readonly number[]) =>
    libvirt.virDomainSendKey(domain, codeset, holdMs, Uint32Array.from(keys), keys.length, 0),
  ),
  /** A file descriptor of this process, which whoever called closes. */
  domainGraphics: (context: CallContext, uuid: string, index: number): number =>
    withDomain(context, uuid, (domain, connection) => checked(connection, libvirt.virDomainOpenGraphicsFD(domain, index, 0))),
  domainUpdateDevice: act((domain, xml: string, flags: number) => libvirt.virDomainUpdateDeviceFlags(domain, xml, flags)),
  domainAttachDevice: act((domain, xml: string, flags: number) => libvirt.virDomainAttachDeviceFlags(domain, xml, flags)),
  domainDetachDevice: act((domain, xml: string, flags: number) => libvirt.virDomainDetachDeviceFlags(domain, xml, flags)),

  domainRestore({ connection }: CallContext, file: string, xml: string | null, flags: number): void {
    checked(connection, libvirt.virDomainRestoreFlags(connection, file, xml, flags));
  },

  domainSaveImageXml: ({ connection }: CallContext, file: string): string => checked(connection, libvirt.virDomainSaveImageGetXMLDesc(connection, file, 0)),

  /** Tries each set of flags until the driver accepts one; drivers know different ones and refuse all others. */
  domainUndefine(context: CallContext, uuid: string, flagSets: readonly number[]): void {
    withDomain(context, uuid, (domain, connection) => {
      for (const [index, flags] of flagSets.entries()) {
        try {
          checked(connection, libvirt.virDomainUndefineFlags(domain, flags));
          return;
        } catch (error) {
          if (index === flagSets.length - 1 || !isUnsupported(error)) throw error;
        }
      }
    });
  },

  domainMetadata: (context: CallContext, uuid: string, namespace: string, flags: number): string =>
    withDomain(context, uuid, (domain, connection) => checked(connection, libvirt.virDomainGetMetadata(domain, METADATA_ELEMENT, namespace, flags))),

  /** Writes it into the running domain and into its definition, whichever there are. `xml` null removes it. */
  domainSetMetadata: act((domain, xml: string | null, prefix: string, namespace: string) => {
    const live = libvirt.virDomainIsActive(domain) === 1 ? AFFECT_LIVE : 0;
    const config = libvirt.virDomainIsPersistent(domain) === 1 ? AFFECT_CONFIG : 0;
    return libvirt.virDomainSetMetadata(domain, METADATA_ELEMENT, xml, prefix, namespace, live | config);
  }),

  domainBlockInfo: (context: CallContext, uuid: string, disk: string): BlockInfo =>
    withDomain(context, uuid, (domain, connection) => {
      const info = readStruct(STRUCTS.blockInfo, (place) => checked(connection, libvirt.virDomainGetBlockInfo(domain, disk, place, 0)));
      return { capacity: Number(info.capacity), allocation: Number(info.allocation), physical: Number(info.physical) };
    }),

  domainAgentCommand: (context: CallContext, uuid: string, command: string, timeoutSeconds: number): string =>
    withDomain(context, uuid, (domain, connection) => checked(connection, libvirtQemu.virDomainQemuAgentCommand(domain, command, timeoutSeconds, 0))),
};

const METADATA_ELEMENT = 2;
const AFFECT_LIVE = 1;
const AFFECT_CONFIG = 2;
const NO_SUPPORT = 3;
const INVALID_ARG = 8;
const NO_ID = 0xffff_ffff;

function act<Arguments extends readonly unknown[]>(perform: (domain: Pointer, ...given: Arguments) => number) {
  return (context: CallContext, uuid: string, ...given: Arguments): void => {
    withDomain(context, uuid, (domain, connection) => checked(connection, perform(domain, ...given)));
  };
}

function taken(connection: Pointer, handle: Pointer | null): DomainIdentity {
  const domain = checked(connection, handle);
  try {
    return identityOf(connection, domain);
  } finally {
    libvirt.virDomainFree(domain);
  }
}

function identityOf(connection: Pointer, domain: Pointer): DomainIdentity {
  const name = checked(connection, libvirt.virDomainGetName(domain));
  return { name, uuid: uuidText((place) => checked(connection, libvirt.virDomainGetUUIDString(domain, place))) };
}

function stateOf(domain: Pointer, connection: Pointer): { state: number; reason: number } {
  const [state, reason] = [new Out(), new Out()];
  checked(connection, libvirt.virDomainGetState(domain, state.buffer, reason.buffer, 0));
  return { state: state.int, reason: reason.int };
}

function infoOf(domain: Pointer, connection: Pointer): RawDomainInfo {
  const info = readStruct(STRUCTS.domainInfo, (place) =>
    checked(connection, libvirt.virDomainGetInfo(domain, place)),
  );
  const id = libvirt.virDomainGetID(domain);
  return {
    ...identityOf(connection, domain),
    ...stateOf(domain, connection),
    id: id === NO_ID ? undefined : id,
    active: checked(connection, libvirt.virDomainIsActive(domain)) === 1,
    persistent: checked(connection, libvirt.virDomainIsPersistent(domain)) === 1,
    maxMemoryKiB: Number(info.maxMem),
    memoryKiB: Number(info.memory),
    vcpus: info.nrVirtCpu,
    cpuTimeNs: Number(info.cpuTime),
  };
}

function isUnsupported(error: unknown): boolean {
  return error instanceof CallFailure && error.failure.kind === 'libvirt' && [NO_SUPPORT, INVALID_ARG].includes(error.failure.code);
}
