import type { CallContext } from './call-context';
import { checked } from './checked';
import { withDomain } from './domain-calls';
import { libvirt } from './library';
import { drained, Out } from './memory';

/** Calls that concern a domain's snapshots. */
export const snapshotCalls = {
  snapshotNames: (context: CallContext, uuid: string): string[] =>
    withDomain(context, uuid, (domain, connection) => {
      const array = new Out();
      const length = checked(connection, libvirt.virDomainListAllSnapshots(domain, array.buffer, 0));
      return drained(array.pointer, length, libvirt.virDomainSnapshotFree, (snapshot) => checked(connection, libvirt.virDomainSnapshotGetName(snapshot)));
    }),

  snapshotCreate: (context: CallContext, uuid: string, xml: string, flags: number): string =>
    withDomain(context, uuid, (domain, connection) => {
      const snapshot = checked(connection, libvirt.virDomainSnapshotCreateXML(domain, xml, flags));
      try {
        return checked(connection, libvirt.virDomainSnapshotGetName(snapshot));
      } finally {
        libvirt.virDomainSnapshotFree(snapshot);
      }
    }),

  snapshotDelete: (context: CallContext, uuid: string, name: string, flags: number): void =>
    withDomain(context, uuid, (domain, connection) => {
      const snapshot = checked(connection, libvirt.virDomainSnapshotLookupByName(domain, name, 0));
      try {
        checked(connection, libvirt.virDomainSnapshotDelete(snapshot, flags));
      } finally {
        libvirt.virDomainSnapshotFree(snapshot);
      }
    }),
};
