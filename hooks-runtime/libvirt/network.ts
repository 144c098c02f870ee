import type { CallArguments, CallName, CallResult } from './native/calls';
import type { DhcpLease, NetworkInfo } from './native/network-calls';
import { type Session, unlessMissing } from './session';

/** A libvirt network, addressed by its UUID. Holds nothing native; see {@link Domain} for the errors. */
export class Network {
  constructor(
    private readonly session: Session,
    readonly uuid: string,
    readonly name: string,
  ) {}

  info(): Promise<NetworkInfo> {
    return this.#call('asking for the state of', 'networkInfo');
  }

  xml({ inactive = false }: { inactive?: boolean } = {}): Promise<string> {
    return this.#call('reading the description of', 'networkXml', inactive ? XML_INACTIVE : 0);
  }

  /** Name of the bridge on the host. @throws SandformError `LIBVIRT_FAILED` where it has none */
  bridgeName(): Promise<string> {
    return this.#call('asking for the bridge of', 'networkBridge');
  }

  /** Starts it. */
  create(): Promise<void> {
    return this.#call('starting', 'networkCreate');
  }

  destroy(): Promise<void> {
    return this.#call('stopping', 'networkDestroy');
  }

  undefine(): Promise<void> {
    return this.#call('undefining', 'networkUndefine');
  }

  setAutostart(on: boolean): Promise<void> {
    return this.#call('changing autostart of', 'networkSetAutostart', on);
  }

  /**
   * Adds or removes one entry of its DHCP or name server, in its definition and, where it runs, at once.
   * @param xml the entry as libvirt's network format has it; one to be removed may hold just what it is known by
   * @throws SandformError `LIBVIRT_FAILED` where it is there already, or is not
   */
  async update(change: 'add' | 'delete', entry: 'dhcp-host' | 'dns-host', xml: string): Promise<void> {
    const { active, persistent } = await this.info();
    const flags = (active ? AFFECT_LIVE : 0) + (persistent ? AFFECT_CONFIG : 0);
    await this.#call(`changing an entry of`, 'networkUpdate', COMMANDS[change], SECTIONS[entry], xml, flags);
  }

  /** The leases that its DHCP server gave out, of one MAC address if given. */
  dhcpLeases({ mac }: { mac?: string } = {}): Promise<DhcpLease[]> {
    return this.#call('asking for the leases of', 'networkLeases', mac ?? null);
  }

  /** The metadata element of a namespace, as XML; needs libvirt 9.7, older ones have it in {@link xml} only. @throws SandformError `LIBVIRT_UNSUPPORTED` */
  metadata(namespace: string): Promise<string | undefined> {
    return unlessMissing(this.#call('reading metadata of', 'networkMetadata', namespace));
  }

  /** Needs libvirt 9.7; older ones take metadata only where the network is defined. @throws SandformError `LIBVIRT_UNSUPPORTED` */
  setMetadata({ uri, prefix }: { readonly uri: string; readonly prefix: string }, xml: string | undefined): Promise<void> {
    return this.#call('writing metadata of', 'networkSetMetadata', xml ?? null, prefix, uri);
  }

  #call<Name extends NetworkCallName>(doing: string, name: Name, ...given: AfterUuid<Name>): Promise<CallResult<Name>> {
    return this.session.threads.run(name, { doing: `${doing} network '${this.name}'` }, ...([this.uuid, ...given] as unknown as CallArguments<Name>));
  }
}

const XML_INACTIVE = 1;
const AFFECT_LIVE = 1;
const AFFECT_CONFIG = 2;
const COMMANDS = { add: 3, delete: 2 } as const;
const SECTIONS = { 'dhcp-host': 4, 'dns-host': 10 } as const;

type NetworkCallName = Extract<CallName, `network${string}`>;
type AfterUuid<Name extends NetworkCallName> = CallArguments<Name> extends readonly [string, ...infer Rest] ? Rest : never;
