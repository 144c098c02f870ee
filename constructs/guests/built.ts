import type { Firmware, SizeText } from '../../lib';
import type { GuestProfile } from './guest-profile';

/** What of a guest that Sandform builds is the profile's; all else stands beside its files. */
export type BuiltProfile = Pick<GuestProfile, 'name'> & {
  /** Memory of a sandbox that does not say otherwise. */
  readonly memoryFor: (firmware: Firmware) => SizeText;
  /** The build for a firmware, where that needs another one. */
  readonly buildFor: (firmware: Firmware) => string;
};

/** Its kernel is started directly, whatever the firmware; but UEFI itself needs more memory than all the rest of it. */
export const MICRO: BuiltProfile = { name: 'micro', memoryFor: (firmware) => (firmware === 'bios' ? '128MiB' : '256MiB'), buildFor: () => 'micro' };

/** With BIOS its kernel is started directly; UEFI finds it on the disk, by a boot loader that Secure Boot trusts. */
export const DEBIAN12: BuiltProfile = { name: 'debian12', memoryFor: () => '512MiB', buildFor: (firmware) => (firmware === 'bios' ? 'debian12' : 'debian12-uefi') };
