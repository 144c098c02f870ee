import type { Hypervisor } from '../spec';

/**
 * The URI of another hypervisor of the same libvirt: same transport, host and socket. Undefined where that libvirt can have none, as a user's own
 * daemon has no containers.
 * @param uri of QEMU, as stacks have it
 */
export function hypervisorUri(uri: string, hypervisor: Hypervisor): string | undefined {
  const [, scheme = '', transport = '', host = '', path = '', query = ''] = /^([a-z]+)(\+[a-z0-9]+)?:\/\/([^/?]*)(\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  if (scheme === hypervisor) return uri;
  if (scheme !== 'qemu' && scheme !== 'lxc' && scheme !== 'vbox') return undefined;
  if (hypervisor === 'lxc') return path === '/system' ? `lxc${transport}://${host}/system${query}` : undefined;
  // VirtualBox belongs to a user, and its driver lives in the program that asks.
  if (hypervisor === 'vbox') return transport === '' && host === '' ? 'vbox:///session' : `vbox${transport}://${host}/session`;
  // Containers have no libvirt but that of the system, whose name may be left out.
  return `qemu${transport}://${host}${scheme === 'lxc' ? '/system' : path}${query}`;
}
