import { SandformError } from '../../lib';
import { findProgram } from './program';

const NEEDED = ['libvirtd', 'virtlogd', 'virsh', 'unshare', 'nsenter', 'flock', 'mount', 'mountpoint', 'ip'] as const;

/** @throws SandformError `HOST_UNSUPPORTED`, `HOST_NOT_ROOT` */
export function assertHostCanRunInstances(name: string): void {
  const doing = `starting libvirt '${name}'`;
  if (process.platform !== 'linux') throw new SandformError('HOST_UNSUPPORTED', { doing, given: process.platform, expected: 'Linux' });
  assertRoot(doing);
  const missing = NEEDED.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) {
    throw new SandformError('HOST_UNSUPPORTED', {
      doing,
      given: `not installed: ${missing.join(', ')}`,
      expected: `the programs ${NEEDED.join(', ')}`,
      fix: 'apt-get install libvirt-daemon-system libvirt-clients qemu-system-x86 iproute2 util-linux',
    });
  }
}

/** @throws SandformError `HOST_NOT_ROOT` */
export function assertRoot(doing: string): void {
  if (process.geteuid?.() !== 0) {
    throw new SandformError('HOST_NOT_ROOT', { doing, given: `user ${process.geteuid?.() ?? 'unknown'}`, fix: 'run `sudo npx sandform host ...`, or use a libvirt that runs already by LIBVIRT_DEFAULT_URI' });
  }
}
