import { type Static, Type } from '../schema';

/** What a virtual machine starts with. `uefi-secure` is UEFI with Secure Boot and Microsoft's keys, which boots what those signed and nothing else. */
export const Firmware = Type.Union([Type.Literal('bios'), Type.Literal('uefi'), Type.Literal('uefi-secure')]);
export type Firmware = Static<typeof Firmware>;

/** What a domain needs of its host that not every host has. */
export const FirmwareNeeds = Type.Object(
  {
    /** libvirt's domain type. */
    type: Type.Union([Type.Literal('kvm'), Type.Literal('qemu')]),
    arch: Type.String({ pattern: '^[a-z0-9_]+$' }),
    machine: Type.String({ pattern: '^[A-Za-z0-9._-]+$' }),
    firmware: Type.Optional(Firmware),
    tpm: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type FirmwareNeeds = Static<typeof FirmwareNeeds>;
