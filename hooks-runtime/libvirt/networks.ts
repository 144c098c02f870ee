import { Network } from './network';
import type { NetworkIdentity, NetworkInfo } from './native/network-calls';
import { type Session, unlessMissing } from './session';

/** The networks of a connection. */
export class Networks {
  constructor(private readonly session: Session) {}

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async get(name: string): Promise<Network> {
    return this.#network(await this.session.threads.run('networkByName', { doing: `looking for network '${name}'` }, name));
  }

  find(name: string): Promise<Network | undefined> {
    return unlessMissing(this.get(name));
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async getByUuid(uuid: string): Promise<Network> {
    return this.#network(await this.session.threads.run('networkByUuid', { doing: `looking for network ${uuid}` }, uuid));
  }

  /** All networks, active and inactive, with their state. */
  list(): Promise<NetworkInfo[]> {
    return this.session.threads.run('networkList', { doing: 'listing networks' }, 0);
  }

  /** Defines a persistent network, or changes one. It is not started. */
  async define(xml: string): Promise<Network> {
    return this.#network(await this.session.threads.run('networkDefine', { doing: 'defining a network' }, xml));
  }

  /** Starts a transient network: it is gone once it is stopped. */
  async createTransient(xml: string): Promise<Network> {
    return this.#network(await this.session.threads.run('networkCreateTransient', { doing: 'starting a transient network' }, xml));
  }

  #network({ uuid, name }: NetworkIdentity): Network {
    return new Network(this.session, uuid, name);
  }
}
