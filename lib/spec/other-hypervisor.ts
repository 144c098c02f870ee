import { type Static, Type } from '../schema';

/** How strongly a hypervisor keeps what it runs from its host. */
export const IsolationLevel = Type.Union([Type.Literal('hardware-virtualization'), Type.Literal('emulation'), Type.Literal('container')]);
export type IsolationLevel = Static<typeof IsolationLevel>;

/** A format that disks can be written in for a hypervisor that reads no overlays. */
export const CopiedFormat = Type.Union([Type.Literal('raw'), Type.Literal('qcow2'), Type.Literal('vmdk'), Type.Literal('vdi')]);
export type CopiedFormat = Static<typeof CopiedFormat>;

/** URI of a driver of libvirt. */
export const DriverUri = Type.String({ pattern: '^[a-z][a-z0-9]*(\\+[a-z0-9]+)?://[!-~]*$', maxLength: 150 });

/** A hypervisor that the declaration brought along: everything that must be known of it to deploy to it and to drive its domains. */
export const OtherHypervisor = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    /** Its driver in the libvirt of the stack's machine. */
    uri: DriverUri,
    /** Names of the capabilities that it offers. */
    offers: Type.Array(Type.String({ pattern: '^[A-Za-z]{1,32}$' }), { uniqueItems: true, maxItems: 32 }),
    isolation: IsolationLevel,
    diskFormat: CopiedFormat,
    /** Its domain XML without what all domains have in common; paths of disks stand in it as {@link diskPlaceholder} writes them. */
    xml: Type.String({ minLength: 1, maxLength: 16 * 2 ** 10 }),
  },
  { additionalProperties: false },
);
/** A hypervisor that the declaration brought along. */
export type OtherHypervisor = Static<typeof OtherHypervisor>;

/** What stands in the XML of another hypervisor for the path of a disk, which only the host knows. */
export function diskPlaceholder(disk: string): string {
  return `sandform:disk/${disk}`;
}
