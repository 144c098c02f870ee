import type { Hypervisor } from '../spec';

/**
 * The URI of another hypervisor of the same libvirt: same transport, host and socket. Undefined where that libvirt can have none, as a user's own
 * daemon has no containers.
 * @param uri of QEMU, as stacks have it
 */
export function hypervisorUri(uri: string, hypervisor: Exclude<Hypervisor, 'other'>): string | undefined {
  const [, scheme = '', transport = '', host = '', path = '', query = ''] = /^([a-z]+)(\+[a-z0-9]+)?:\/\/([^/?]*)(\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  if (scheme === hypervisor) return uri;
  if (scheme !== 'qemu' && scheme !== 'lxc' && scheme !== 'vbox') return undefined;
  if (hypervisor === 'lxc') return path === '/system' ? `lxc${transport}://${host}/system${query}` : undefined;
  // VirtualBox belongs to a user, as does the daemon that asks it.
  if (hypervisor === 'vbox') return `vbox${transport}://${host}/session${path === '/session' ? query : ''}`;
  // Containers have no libvirt but that of the system, whose name may be left out.
  return `qemu${transport}://${host}${scheme === 'lxc' ? '/system' : path}${query}`;
}

/**
 * Whether a URI names another driver on the machine of a stack's libvirt, and nothing else: what lists sandboxes opens it because that machine says
 * so, so it must lead nowhere but there, and run no program on the way.
 */
export function isDriverOf(stack: string, uri: string): boolean {
  const [ours, theirs] = [partsOf(stack), partsOf(uri)];
  if (ours === undefined || theirs === undefined) return false;
  const isLocal = ({ transport, host }: UriParts) => host === '' && (transport === '' || transport === 'unix');
  if (isLocal(ours)) return isLocal(theirs) && [...new URLSearchParams(theirs.query).keys()].every((key) => key === 'socket');
  return theirs.transport === ours.transport && theirs.host === ours.host && theirs.query === ours.query;
}

interface UriParts {
  readonly transport: string;
  readonly host: string;
  readonly query: string;
}

function partsOf(uri: string): UriParts | undefined {
  const match = /^[a-z][a-z0-9]*(?:\+([a-z0-9]+))?:\/\/([^/?]*)[^?]*(?:\?(.*))?$/.exec(uri);
  return match === null ? undefined : { transport: match[1] ?? '', host: match[2] ?? '', query: match[3] ?? '' };
}
