import { Domain } from './domain';
import { FLAG } from './domain-flags';
import type { DomainIdentity } from './native/domain-calls';
import { type Session, unlessMissing } from './session';
import { LONG_CALL_MS } from './threads/call-threads';

/** The domains of a connection. */
export class Domains {
  constructor(private readonly session: Session) {}

  /** The domain of a name. @throws SandformError `LIBVIRT_NOT_FOUND` */
  async get(name: string): Promise<Domain> {
    return this.#domain(await this.session.threads.run('domainByName', { doing: `looking for domain '${name}'` }, name));
  }

  /** The domain of a name, if there is one. */
  find(name: string): Promise<Domain | undefined> {
    return unlessMissing(this.get(name));
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  async getByUuid(uuid: string): Promise<Domain> {
    return this.#domain(await this.session.threads.run('domainByUuid', { doing: `looking for domain ${uuid}` }, uuid));
  }

  findByUuid(uuid: string): Promise<Domain | undefined> {
    return unlessMissing(this.getByUuid(uuid));
  }

  /** All domains, or only those that are on (`active`) or off (`inactive`). */
  async list(which?: 'active' | 'inactive'): Promise<Domain[]> {
    const flags = which === undefined ? 0 : which === 'active' ? FLAG.listActive : FLAG.listInactive;
    const found = await this.session.threads.run('domainList', { doing: 'listing domains' }, flags);
    return found.map((identity) => this.#domain(identity));
  }

  /** Defines a persistent domain, or changes the definition of the one with this UUID. It is not started. */
  async define(xml: string): Promise<Domain> {
    return this.#domain(await this.session.threads.run('domainDefine', { doing: 'defining a domain' }, xml, 0));
  }

  /** Starts a transient domain: it is gone once it stops. */
  async createTransient(xml: string): Promise<Domain> {
    return this.#domain(await this.session.threads.run('domainCreateTransient', { doing: 'starting a transient domain', deadline: LONG_CALL_MS }, xml, 0));
  }

  /** Goes on from a file that {@link Domain.save} wrote. `xml` replaces the description in it; libvirt checks that both fit. */
  restore(file: string, { xml, state }: { xml?: string; state?: 'running' | 'paused' } = {}): Promise<void> {
    const flags = state === undefined ? 0 : state === 'running' ? FLAG.saveRunning : FLAG.savePaused;
    return this.session.threads.run('domainRestore', { doing: `restoring a domain from '${file}'`, deadline: LONG_CALL_MS }, file, xml ?? null, flags);
  }

  /** The description of the domain in a file that {@link Domain.save} wrote. */
  savedXml(file: string): Promise<string> {
    return this.session.threads.run('domainSaveImageXml', { doing: `reading the saved state '${file}'` }, file);
  }

  #domain({ uuid, name }: DomainIdentity): Domain {
    return new Domain(this.session, uuid, name);
  }
}
