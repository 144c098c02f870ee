/** The parts of a libvirt URI. Format: https://libvirt.org/uri.html */
export interface LibvirtUri {
  /** e.g. `qemu`, `lxc`, `test`; empty for what is no URI. */
  readonly driver: string;
  /** `unix`, `ssh`, `tls`, ...; a host without one is reached by TLS. */
  readonly transport: string;
  /** Whether libvirt is reached over a network: by SSH, TLS or TCP. */
  readonly isRemote: boolean;
  /** Whether it is a user's own libvirt rather than that of the system. */
  readonly isSession: boolean;
  /** Path of the daemon's socket, on the machine that it runs on; undefined where libvirt chooses. */
  readonly socket: string | undefined;
}

/** Reads a libvirt URI; what is none has no driver. */
export function libvirtUri(text: string): LibvirtUri {
  const [, driver = '', given, host = '', path = '', query = ''] = /^([a-z0-9]+)(?:\+([a-z0-9]+))?:\/\/([^/?]*)([^?]*)(?:\?(.*))?$/i.exec(text) ?? [];
  const transport = given ?? (host === '' ? 'unix' : 'tls');
  return {
    driver,
    transport,
    isRemote: transport !== 'unix',
    isSession: /^\/session(\/|$)/.test(path),
    socket: new URLSearchParams(query).get('socket') ?? undefined,
  };
}

/**
 * Whether a URI leads some clients elsewhere than others: Terraform's provider finds a user's own libvirt only by the socket, and
 * without one goes to the system's, while libvirt's own library goes to the user's.
 */
export function isAmbiguousSession(text: string): boolean {
  const { isSession, socket } = libvirtUri(text);
  return isSession && socket === undefined;
}
