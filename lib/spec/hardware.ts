import { type Static, Type } from '../schema';

const closed = { additionalProperties: false } as const;

/** Text of SMBIOS: printable ASCII without blanks at its ends. Format: DMTF DSP0134, 6.1.3. */
const label = (maxLength: number) => Type.Optional(Type.String({ pattern: '^[!-~]([ -~]*[!-~])?$', maxLength }));
const Label = label(64);

/** What a virtual machine says that it is, where it says anything else than QEMU would. */
export const Hardware = Type.Object(
  {
    bios: Type.Optional(
      Type.Object(
        {
          vendor: Label,
          version: Label,
          /** MM/DD/YYYY */
          date: Type.Optional(Type.String({ pattern: '^(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])/(19|20)[0-9]{2}$' })),
          /** MAJOR.MINOR, each up to 255 */
          release: Type.Optional(Type.String({ pattern: '^(1?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])\\.(1?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])$' })),
        },
        closed,
      ),
    ),
    system: Type.Optional(Type.Object({ manufacturer: Label, product: Label, version: Label, serial: Label, sku: Label, family: Label }, closed)),
    baseBoard: Type.Optional(Type.Object({ manufacturer: Label, product: Label, version: Label, serial: Label, asset: Label, location: Label }, closed)),
    chassis: Type.Optional(Type.Object({ manufacturer: Label, version: Label, serial: Label, asset: Label, sku: Label }, closed)),
    disk: Type.Optional(
      Type.Object(
        {
          /** Of SCSI disks alone: other buses have no place for it. */
          vendor: label(8),
          /** Of SCSI disks alone. */
          product: label(16),
          /** Of the root disk; further disks add their number. */
          serial: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 17 })),
        },
        closed,
      ),
    ),
    cpu: Type.Optional(
      Type.Object(
        {
          /** A CPU model of libvirt, e.g. `Skylake-Client`. */
          model: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.-]+$', maxLength: 64 })),
          features: Type.Optional(
            Type.Array(Type.Object({ name: Type.String({ pattern: '^[a-z0-9_.-]+$', maxLength: 32 }), policy: Type.Union([Type.Literal('require'), Type.Literal('disable')]) }, closed), { maxItems: 64 }),
          ),
        },
        closed,
      ),
    ),
    /** No hypervisor bit, no KVM signature, no VMware port. */
    hypervisorHidden: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type Hardware = Static<typeof Hardware>;
