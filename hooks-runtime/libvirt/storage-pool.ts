import type { CallArguments, CallName, CallResult } from './native/calls';
import type { PoolIdentity, PoolInfo } from './native/storage-calls';
import { type Session, unlessMissing } from './session';
import { StorageVolume } from './storage-volume';
import { type CallOptions, LONG_CALL_MS } from './threads/call-threads';

/** A libvirt storage pool, addressed by its UUID. Holds nothing native; see {@link Domain} for the errors. */
export class StoragePool {
  readonly uuid: string;
  readonly name: string;

  constructor(
    private readonly session: Session,
    { uuid, name }: PoolIdentity,
  ) {
    this.uuid = uuid;
    this.name = name;
  }

  info(): Promise<PoolInfo> {
    return this.#call('asking for the state of', 'poolInfo');
  }

  xml({ inactive = false }: { inactive?: boolean } = {}): Promise<string> {
    return this.#call('reading the description of', 'poolXml', inactive ? XML_INACTIVE : 0);
  }

  /** Makes what the pool lies in, e.g. its folder. */
  build(): Promise<void> {
    return this.#call('building', 'poolBuild', 0);
  }

  /** Starts it. */
  create(): Promise<void> {
    return this.#call('starting', 'poolCreate', 0);
  }

  /** Stops it; its volumes stay. */
  destroy(): Promise<void> {
    return this.#call('stopping', 'poolDestroy');
  }

  /** Removes what the pool lies in, which must be empty. */
  delete(): Promise<void> {
    return this.#call('deleting', 'poolDelete');
  }

  undefine(): Promise<void> {
    return this.#call('undefining', 'poolUndefine');
  }

  /** Looks again at what is there. */
  refresh(): Promise<void> {
    return this.#long('refreshing', 'poolRefresh');
  }

  setAutostart(on: boolean): Promise<void> {
    return this.#call('changing autostart of', 'poolSetAutostart', on);
  }

  async volumes(): Promise<StorageVolume[]> {
    return (await this.#call('listing volumes of', 'volumeList')).map((identity) => new StorageVolume(this.session, identity));
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async volume(name: string): Promise<StorageVolume> {
    return new StorageVolume(this.session, await this.#call(`looking for volume '${name}' in`, 'volumeByName', name));
  }

  findVolume(name: string): Promise<StorageVolume | undefined> {
    return unlessMissing(this.volume(name));
  }

  async createVolume(xml: string): Promise<StorageVolume> {
    return new StorageVolume(this.session, await this.#long('creating a volume in', 'volumeCreate', xml, 0));
  }

  /** A volume that holds what another one of this pool does, in whatever format it says. */
  async copyVolume(xml: string, from: StorageVolume): Promise<StorageVolume> {
    return new StorageVolume(this.session, await this.#long(`copying volume '${from.name}' of`, 'volumeCopy', from.name, xml));
  }

  #call<Name extends PoolCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.#run({ doing: `${doing} storage pool '${this.name}'` }, name, given);
  }

  #long<Name extends PoolCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.#run({ doing: `${doing} storage pool '${this.name}'`, deadline: LONG_CALL_MS }, name, given);
  }

  #run<Name extends PoolCallName>(options: CallOptions<CallResult<Name>>, name: Name, given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.session.threads.run(name, options, ...([this.uuid, ...given] as unknown as CallArguments<Name>));
  }
}

const XML_INACTIVE = 1;

type PoolCallName = Extract<CallName, `pool${string}` | 'volumeList' | 'volumeByName' | 'volumeCreate' | 'volumeCopy'>;
type AfterUuid<Name extends PoolCallName> = CallArguments<Name> extends readonly [string, ...infer Rest] ? Rest : never;
