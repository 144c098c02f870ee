import type { CallContext } from './call-context';
import { checked } from './checked';
import { libvirt, type Pointer } from './library';
import { drained, Out, uuidText } from './memory';

export interface NwFilterIdentity {
  readonly uuid: string;
  readonly name: string;
}

/** Calls that concern network filters, which are known by name. */
export const nwfilterCalls = {
  nwfilterList({ connection }: CallContext): NwFilterIdentity[] {
    const array = new Out();
    const length = checked(connection, libvirt.virConnectListAllNWFilters(connection, array.buffer, 0));
    return drained(array.pointer, length, libvirt.virNWFilterFree, (filter) => identityOf(connection, filter));
  },

  nwfilterByName: (context: CallContext, name: string): NwFilterIdentity => withFilter(context, name, (filter, connection) => identityOf(connection, filter)),

  nwfilterDefine({ connection }: CallContext, xml: string): NwFilterIdentity {
    return used(checked(connection, libvirt.virNWFilterDefineXML(connection, xml)), (filter) => identityOf(connection, filter));
  },

  nwfilterXml: (context: CallContext, name: string): string =>
    withFilter(context, name, (filter, connection) => checked(connection, libvirt.virNWFilterGetXMLDesc(filter, 0))),

  nwfilterUndefine(context: CallContext, name: string): void {
    withFilter(context, name, (filter, connection) => checked(connection, libvirt.virNWFilterUndefine(filter)));
  },
};

function withFilter<Result>({ connection }: CallContext, name: string, use: (filter: Pointer, connection: Pointer) => Result): Result {
  return used(checked(connection, libvirt.virNWFilterLookupByName(connection, name)), (filter) => use(filter, connection));
}

function used<Result>(filter: Pointer, use: (filter: Pointer) => Result): Result {
  try {
    return use(filter);
  } finally {
    libvirt.virNWFilterFree(filter);
  }
}

function identityOf(connection: Pointer, filter: Pointer): NwFilterIdentity {
  const name = checked(connection, libvirt.virNWFilterGetName(filter));
  return { name, uuid: uuidText((place) => checked(connection, libvirt.virNWFilterGetUUIDString(filter, place))) };
}
