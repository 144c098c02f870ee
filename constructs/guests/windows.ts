import { type GuestProfile, PLAIN } from './guest-profile';

/** Disk and NIC are such as Windows has drivers for without any of virtio. */
const WINDOWS: GuestProfile = { ...PLAIN, windows: true, agent: true, vcpus: 2, diskBus: 'sata', nicModel: 'e1000e', user: 'sandform' };

export const WINDOWS_10: GuestProfile = { ...WINDOWS, name: 'windows10', memory: '4GiB' };

/** What its set-up asks for: UEFI with Secure Boot, a TPM 2.0, two processors, 4 GiB. https://learn.microsoft.com/windows/whats-new/windows-11-requirements */
export const WINDOWS_11: GuestProfile = { ...WINDOWS, name: 'windows11', memory: '4GiB', firmware: 'uefi-secure', tpm: true };
