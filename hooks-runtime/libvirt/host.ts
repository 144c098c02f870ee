import type { DomainCapabilitiesQuery, NodeInfo } from './native/host-calls';
import type { Session } from './session';

/** Versions as `major.minor.release`. */
export interface Versions {
  /** Of the client library in this process. */
  readonly client: string;
  /** Of the daemon. */
  readonly libvirt: string;
  /** Of the hypervisor; absent where it has none. */
  readonly hypervisor: string | undefined;
}

/** The host behind a connection. */
export class Host {
  constructor(private readonly session: Session) {}

  /** The driver, e.g. `QEMU` or `LXC`. */
  type(): Promise<string> {
    return this.session.threads.run('hostType', this.#asking('its type'));
  }

  /** The URI that was really used. */
  uri(): Promise<string> {
    return this.session.threads.run('hostUri', this.#asking('its URI'));
  }

  hostname(): Promise<string> {
    return this.session.threads.run('hostName', this.#asking('its name'));
  }

  async versions(): Promise<Versions> {
    const { client, libvirt, hypervisor } = await this.session.threads.run('hostVersions', this.#asking('its versions'));
    return { client: dotted(client), libvirt: dotted(libvirt), hypervisor: hypervisor === 0 ? undefined : dotted(hypervisor) };
  }

  nodeInfo(): Promise<NodeInfo> {
    return this.session.threads.run('hostNodeInfo', this.#asking('its hardware'));
  }

  /** Capabilities as XML. */
  capabilities(): Promise<string> {
    return this.session.threads.run('hostCapabilities', this.#asking('its capabilities'));
  }

  /** What domains of a kind can have, as XML. */
  domainCapabilities(query: DomainCapabilitiesQuery = {}): Promise<string> {
    return this.session.threads.run('hostDomainCapabilities', this.#asking('the capabilities of its domains'), query);
  }

  #asking(what: string): { doing: string } {
    return { doing: `asking ${this.session.uri} for ${what}` };
  }
}

function dotted(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
