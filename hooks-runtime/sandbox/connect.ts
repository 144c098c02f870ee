import { SandformError } from '../../lib/errors';
import { parseAddress } from '../../lib/naming';
import { resolveUri } from '../host';
import { findSandbox } from '../inventory';
import { LibvirtConnection } from '../libvirt';
import { LiveSandbox } from './live-sandbox';
import type { Sandbox, SandboxHost } from './sandbox';

export interface ConnectOptions {
  /** libvirt's URI. @default LIBVIRT_DEFAULT_URI, else a libvirt of `sandform host up`, else `qemu:///system` */
  readonly uri?: string;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to a deployed sandbox, on or off. Needs nothing but its host: no Terraform state, no source.
 * @param address `STACK/SANDBOX`
 * @throws SandformError `ADDRESS_INVALID`, `SANDBOX_NOT_FOUND`, `LIBVIRT_NOT_INSTALLED`, `LIBVIRT_UNREACHABLE`, `LIBVIRT_TIMEOUT`, `LIBVIRT_LOST`, `INTERRUPTED`
 */
export async function connect(address: string, { uri, signal }: ConnectOptions = {}): Promise<Sandbox> {
  if (parseAddress(address).sandbox === undefined) {
    throw new SandformError('ADDRESS_INVALID', { doing: 'connecting to a sandbox', given: address, expected: 'STACK/SANDBOX' });
  }
  const connection = await LibvirtConnection.open(await resolveUri(uri), signal ? { signal } : {});
  try {
    const deployed = await findSandbox(connection, address);
    const domain = await connection.domains.getByUuid(deployed.uuid);
    return new LiveSandbox(deployed, domain, connection, await hostOf(connection));
  } catch (error) {
    await connection.close();
    throw SandformError.from(error, `connecting to ${address}`);
  }
}

async function hostOf(connection: LibvirtConnection): Promise<SandboxHost> {
  const [type, { libvirt, hypervisor }] = await Promise.all([connection.host.type(), connection.host.versions()]);
  return { uri: connection.uri, libvirt, hypervisor: hypervisor === undefined ? type : `${type} ${hypervisor}` };
}
