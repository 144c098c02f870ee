import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { SandformError } from '../../lib/errors';
import { libvirtUri } from '../../lib/naming';
import type { BlockInfo } from './native/domain-calls';
import type { CallArguments, CallName, CallResult } from './native/calls';
import type { DomainInterface } from './native/address-calls';
import { ADDRESS_SOURCES, affectFlags, DUMP_FORMATS, FLAG, UNDEFINE_FLAG_SETS } from './domain-flags';
import { DomainPort } from './domain-port';
import { type DomainState, domainStateOf } from './domain-state';
import { isLibvirtError } from './libvirt-error';
import type { GuestPort } from './native/stream-calls';
import { type Session, unlessMissing } from './session';
import { type CallOptions, LONG_CALL_MS } from './threads/call-threads';

/** A domain as it is at the moment. Memory in KiB, as libvirt counts it. */
export interface DomainInfo extends DomainState {
  readonly uuid: string;
  readonly name: string;
  /** Number of the running domain; absent while it is off. */
  readonly id: number | undefined;
  readonly active: boolean;
  /** Whether it outlives its process: a transient domain is gone once it stops. */
  readonly persistent: boolean;
  readonly maxMemoryKiB: number;
  readonly memoryKiB: number;
  readonly vcpus: number;
  readonly cpuTimeNs: number;
}

/** A picture of a domain's screen. */
export interface Screenshot {
  /** As the hypervisor says, e.g. `image/png` or `image/x-portable-pixmap`. */
  readonly mimeType: string;
  readonly data: Buffer;
}

/** Which of the domain's two descriptions a change is for: the running machine, or its definition for the next start. */
export interface Affects {
  readonly live?: boolean;
  readonly config?: boolean;
}

/**
 * A libvirt domain, addressed by its UUID. Holds nothing native: each method looks it up, acts and lets go, so an object may
 * be kept as long as one likes and finds `LIBVIRT_NOT_FOUND` once the domain is gone.
 *
 * Every method throws a SandformError: `LIBVIRT_NOT_FOUND`, `LIBVIRT_UNSUPPORTED`, `LIBVIRT_TIMEOUT`, `LIBVIRT_LOST` or
 * `LIBVIRT_FAILED`, with libvirt's own number and message in `details.libvirt`.
 */
export class Domain {
  constructor(
    private readonly session: Session,
    readonly uuid: string,
    readonly name: string,
  ) {}

  async info(): Promise<DomainInfo> {
    const info = await this.#call('asking for the state of', 'domainInfo');
    return { ...info, ...domainStateOf(info) };
  }

  async state(): Promise<DomainState> {
    return domainStateOf(await this.#call('asking for the state of', 'domainState'));
  }

  /** The live description, or with `inactive` that of the next start. Secrets are left out. */
  xml({ inactive = false }: { inactive?: boolean } = {}): Promise<string> {
    return this.#call('reading the description of', 'domainXml', inactive ? FLAG.xmlInactive : 0);
  }

  /** Starts it; from its managed save where there is one, unless `forceBoot`. */
  create({ paused = false, forceBoot = false }: { paused?: boolean; forceBoot?: boolean } = {}): Promise<void> {
    return this.#long('starting', 'domainCreate', (paused ? FLAG.startPaused : 0) | (forceBoot ? FLAG.startForceBoot : 0));
  }

  /** Cuts its power; fine where it is off. With `graceful` QEMU gets SIGTERM only, and it fails where that is not enough. */
  async destroy({ graceful = false }: { graceful?: boolean } = {}): Promise<void> {
    try {
      await this.#call('powering off', 'domainDestroy', graceful ? FLAG.destroyGraceful : 0);
    } catch (error) {
      // It may have stopped by itself, or by this very call: a daemon that just started again ends a guest and then finds it off.
      if (!isLibvirtError(error, 'OPERATION_INVALID') || (await this.info()).active) throw error;
    }
  }

  /** Asks the guest to shut down, by its agent where that listens and else by ACPI, a container by a pipe of its init; returns when it was asked. */
  shutdown({ via }: { via?: 'acpi' | 'agent' | 'initctl' } = {}): Promise<void> {
    return this.#guest('asking for shutdown of', 'domainShutdown', via ? FLAG.via[via] : 0);
  }

  /** Asks the guest to reboot, by its agent where that listens and else by ACPI; returns when it was asked. */
  reboot({ via }: { via?: 'acpi' | 'agent' } = {}): Promise<void> {
    return this.#guest('asking for reboot of', 'domainReboot', via ? FLAG.via[via] : 0);
  }

  /** Presses the reset button: the guest is not asked. */
  reset(): Promise<void> {
    return this.#call('resetting', 'domainReset');
  }

  suspend(): Promise<void> {
    return this.#call('suspending', 'domainSuspend');
  }

  resume(): Promise<void> {
    return this.#call('resuming', 'domainResume');
  }

  /** Wakes a guest that suspended itself (`pmsuspended`). */
  pmWakeup(): Promise<void> {
    return this.#call('waking up', 'domainPmWakeup');
  }

  /** Asks the guest, by its agent, to suspend itself. */
  pmSuspend(target: 'memory' | 'disk' | 'hybrid'): Promise<void> {
    return this.#guest('suspending', 'domainPmSuspend', ['memory', 'disk', 'hybrid'].indexOf(target));
  }

  /** Saves its memory into libvirt's own place and stops it; {@link create} goes on from there. */
  managedSave(): Promise<void> {
    return this.#long('saving', 'domainManagedSave', 0);
  }

  hasManagedSave(): Promise<boolean> {
    return this.#call('looking for the saved state of', 'domainHasManagedSave');
  }

  managedSaveRemove(): Promise<void> {
    return this.#call('removing the saved state of', 'domainManagedSaveRemove');
  }

  /** Saves its memory to a file of the host that libvirt runs on, and stops it. `xml` replaces the description in it. */
  save(file: string, { xml, paused = false }: { xml?: string; paused?: boolean } = {}): Promise<void> {
    return this.#long('saving', 'domainSave', file, xml ?? null, paused ? FLAG.savePaused : 0);
  }

  setAutostart(on: boolean): Promise<void> {
    return this.#call('changing autostart of', 'domainSetAutostart', on);
  }

  /**
   * Removes the definition, and with it managed save, snapshot and checkpoint metadata and UEFI variables.
   * Drivers that know none of these (LXC refuses them) are asked without.
   */
  undefine(): Promise<void> {
    return this.#call('undefining', 'domainUndefine', UNDEFINE_FLAG_SETS);
  }

  /** The metadata element of a namespace, as XML; undefined where there is none. */
  metadata(namespace: string): Promise<string | undefined> {
    return unlessMissing(this.#call('reading metadata of', 'domainMetadata', namespace, 0));
  }

  /** Writes (or with undefined removes) the metadata element of a namespace, in the running domain and in its definition. */
  setMetadata({ uri, prefix }: { readonly uri: string; readonly prefix: string }, xml: string | undefined): Promise<void> {
    return this.#call('writing metadata of', 'domainSetMetadata', xml ?? null, prefix, uri);
  }

  /** Writes the guest's memory to a file of the host that libvirt runs on, without the state of devices. */
  coreDump(file: string, { format = 'elf' }: { format?: keyof typeof DUMP_FORMATS } = {}): Promise<void> {
    return this.#long('dumping the memory of', 'domainCoreDump', file, DUMP_FORMATS[format], FLAG.dumpMemoryOnly);
  }

  async screenshot({ screen = 0 }: { screen?: number } = {}): Promise<Screenshot> {
    const { mimeType, data } = await this.#guest('taking a screenshot of', 'domainScreenshot', screen);
    return { mimeType, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) };
  }

  /**
   * A connection to a display of the domain (VNC or SPICE), as its own clients have one. Only where libvirt runs on this machine.
   * @throws SandformError also `LIBVIRT_UNSUPPORTED`
   */
  async openGraphics({ index = 0 }: { index?: number } = {}): Promise<Socket> {
    const doing = this.#doing('opening the display of');
    // Asked over a network, libvirt's library would break the connection.
    if (libvirtUri(this.session.uri).isRemote) throw new SandformError('LIBVIRT_UNSUPPORTED', { doing, given: `${this.session.uri}, which is another machine`, expected: 'libvirt on this machine', fix: 'take pictures, or run this on that machine' });
    const unclaimed = (fd: number) => closeSync(fd);
    const fd = await this.session.threads.run('domainGraphics', { doing, lane: 'guest', unclaimed }, this.uuid, index);
    return new Socket({ fd });
  }

  /** Presses Linux key codes together, for `holdMs` milliseconds. */
  sendKey(keys: readonly number[], { holdMs = 50 }: { holdMs?: number } = {}): Promise<void> {
    return this.#call('pressing keys of', 'domainSendKey', 0, holdMs, keys);
  }

  /** A virtio-serial port of the guest by its target name. `force` takes it from whoever holds it. */
  openChannel(name: string, { force = false }: { force?: boolean } = {}): Promise<DomainPort> {
    return this.#port({ kind: 'channel', name, force });
  }

  /** A console of the guest by its alias, else the first one. `force` takes it from whoever holds it. */
  openConsole({ name, force = false }: { name?: string; force?: boolean } = {}): Promise<DomainPort> {
    return this.#port({ kind: 'console', name: name ?? null, force });
  }

  /**
   * The guest agent's answer, JSON as it sent it: data from the guest.
   * `timeout` in whole seconds. @throws SandformError also `GUEST_UNREACHABLE`
   */
  qemuAgentCommand(command: string, { timeout = 5 }: { timeout?: number } = {}): Promise<string> {
    return this.#guest('asking the guest agent of', 'domainAgentCommand', command, Math.max(1, Math.ceil(timeout)));
  }

  /** Addresses by the DHCP leases of libvirt's networks, by the guest agent, or by the host's ARP table. */
  interfaceAddresses(source: keyof typeof ADDRESS_SOURCES = 'lease'): Promise<DomainInterface[]> {
    return this.#guest('asking for addresses of', 'domainInterfaces', ADDRESS_SOURCES[source]);
  }

  updateDevice(xml: string, affects: Affects = { live: true }): Promise<void> {
    return this.#call('changing a device of', 'domainUpdateDevice', xml, affectFlags(affects));
  }

  attachDevice(xml: string, affects: Affects = { live: true }): Promise<void> {
    return this.#call('attaching a device to', 'domainAttachDevice', xml, affectFlags(affects));
  }

  detachDevice(xml: string, affects: Affects = { live: true }): Promise<void> {
    return this.#call('detaching a device from', 'domainDetachDevice', xml, affectFlags(affects));
  }

  /** Sizes of a disk, by its target (`vda`) or path. */
  blockInfo(disk: string): Promise<BlockInfo> {
    return this.#call('asking for a disk of', 'domainBlockInfo', disk);
  }

  snapshots(): Promise<string[]> {
    return this.#call('listing snapshots of', 'snapshotNames');
  }

  /** Takes a snapshot as its XML says; its name. */
  snapshotCreate(xml: string, { diskOnly = false }: { diskOnly?: boolean } = {}): Promise<string> {
    return this.#long('taking a snapshot of', 'snapshotCreate', xml, diskOnly ? FLAG.snapshotDiskOnly : 0);
  }

  snapshotDelete(name: string, { children = false, metadataOnly = false }: { children?: boolean; metadataOnly?: boolean } = {}): Promise<void> {
    return this.#long('deleting a snapshot of', 'snapshotDelete', name, (children ? FLAG.snapshotChildren : 0) | (metadataOnly ? FLAG.snapshotMetadataOnly : 0));
  }

  #call<Name extends DomainCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.#run({ doing: this.#doing(doing) }, name, given);
  }

  #long<Name extends DomainCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.#run({ doing: this.#doing(doing), deadline: LONG_CALL_MS }, name, given);
  }

  #guest<Name extends DomainCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.#run({ doing: this.#doing(doing), lane: 'guest' }, name, given);
  }

  #run<Name extends DomainCallName>(options: CallOptions, name: Name, given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.session.threads.run(name, options, ...([this.uuid, ...given] as unknown as CallArguments<Name>));
  }

  #port(port: GuestPort): Promise<DomainPort> {
    return DomainPort.open(this.session, this.uuid, port, this.#doing(`opening ${port.kind}${port.name === null ? '' : ` '${port.name}'`} of`));
  }

  #doing(verb: string): string {
    return `${verb} domain '${this.name}'`;
  }
}

type DomainCallName = Extract<CallName, `domain${string}` | `snapshot${string}`>;
type AfterUuid<Name extends DomainCallName> = CallArguments<Name> extends readonly [string, ...infer Rest] ? Rest : never;
