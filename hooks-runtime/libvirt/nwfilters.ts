import type { NwFilterIdentity } from './native/nwfilter-calls';
import { type Session, unlessMissing } from './session';

/** The network filters of a connection. They have no state, so names are all there is to hold. */
export class NwFilters {
  constructor(private readonly session: Session) {}

  list(): Promise<NwFilterIdentity[]> {
    return this.session.threads.run('nwfilterList', { doing: 'listing network filters' });
  }

  find(name: string): Promise<NwFilterIdentity | undefined> {
    return unlessMissing(this.session.threads.run('nwfilterByName', { doing: `looking for network filter '${name}'` }, name));
  }

  /** Defines a filter, or changes the one with this name and UUID. */
  define(xml: string): Promise<NwFilterIdentity> {
    return this.session.threads.run('nwfilterDefine', { doing: 'defining a network filter' }, xml);
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND` */
  xml(name: string): Promise<string> {
    return this.session.threads.run('nwfilterXml', { doing: `reading network filter '${name}'` }, name);
  }

  /** @throws SandformError `LIBVIRT_NOT_FOUND`; `LIBVIRT_FAILED` while something uses it */
  undefine(name: string): Promise<void> {
    return this.session.threads.run('nwfilterUndefine', { doing: `undefining network filter '${name}'` }, name);
  }
}
