import type { CallContext } from './call-context';
import { checked } from './checked';
import { libvirt } from './library';
import { Out, readStruct } from './memory';
import { STRUCTS } from './structs';

/** The host's hardware as libvirt sees it. */
export interface NodeInfo {
  /** CPU model, e.g. `x86_64`. */
  readonly model: string;
  readonly memoryKiB: number;
  readonly cpus: number;
}

/** Versions as libvirt counts them: 1,000,000 x major + 1,000 x minor + release. */
export interface RawVersions {
  /** Of the client library in this process. */
  readonly client: number;
  /** Of the daemon. */
  readonly libvirt: number;
  /** Of the hypervisor; 0 where it has none. */
  readonly hypervisor: number;
}

/** What to ask the capabilities of; what is absent, libvirt chooses. */
export interface DomainCapabilitiesQuery {
  readonly emulator?: string;
  readonly arch?: string;
  readonly machine?: string;
  /** `kvm`, `qemu`, `lxc`, ... */
  readonly virtType?: string;
}

/** Calls that concern the connection and its host. */
export const hostCalls = {
  hostAlive: ({ connection }: CallContext): boolean => {
    // The answer of virConnectIsAlive may be old: one cheap round trip makes it true.
    const version = new Out();
    checked(connection, libvirt.virConnectGetLibVersion(connection, version.buffer));
    return libvirt.virConnectIsAlive(connection) === 1;
  },
  hostType: ({ connection }: CallContext): string => checked(connection, libvirt.virConnectGetType(connection)),
  hostUri: ({ connection }: CallContext): string => checked(connection, libvirt.virConnectGetURI(connection)),
  hostName: ({ connection }: CallContext): string => checked(connection, libvirt.virConnectGetHostname(connection)),
  hostCapabilities: ({ connection }: CallContext): string => checked(connection, libvirt.virConnectGetCapabilities(connection)),

  hostDomainCapabilities: ({ connection }: CallContext, { emulator, arch, machine, virtType }: DomainCapabilitiesQuery): string =>
    checked(connection, libvirt.virConnectGetDomainCapabilities(connection, emulator ?? null, arch ?? null, machine ?? null, virtType ?? null, 0)),

  hostVersions({ connection }: CallContext): RawVersions {
    const [client, daemon, hypervisor] = [new Out(), new Out(), new Out()];
    checked(connection, libvirt.virGetVersion(client.buffer, null, null));
    checked(connection, libvirt.virConnectGetLibVersion(connection, daemon.buffer));
    checked(connection, libvirt.virConnectGetVersion(connection, hypervisor.buffer));
    return { client: client.number, libvirt: daemon.number, hypervisor: hypervisor.number };
  },

  hostNodeInfo({ connection }: CallContext): NodeInfo {
    const info = readStruct(STRUCTS.nodeInfo, (place) => checked(connection, libvirt.virNodeGetInfo(connection, place)));
    return { model: info.model, memoryKiB: Number(info.memory), cpus: info.cpus };
  },
};
