import { SandformError } from '../../lib/errors';
import { parseAddress } from '../../lib/naming';
import { resolveUri } from '../host';
import { type DeployedSandbox, type SandboxList, listSandboxes, notFound, openSiblings } from '../inventory';
import { LibvirtConnection, type OpenOptions } from '../libvirt';
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
  const options = signal ? { signal } : {};
  const connection = await LibvirtConnection.open(await resolveUri(uri), options);
  try {
    const list = await listSandboxes(connection);
    const deployed = list.sandboxes.find((candidate) => candidate.address === address);
    if (deployed !== undefined) return await connected(deployed, connection);
    return await onSibling(address, connection, list, options);
  } catch (error) {
    await connection.close();
    throw SandformError.from(error, `connecting to ${address}`);
  }
}

/** Containers and what other hypervisors run are on another connection of the same libvirt, which takes the place of the first. */
async function onSibling(address: string, first: LibvirtConnection, list: SandboxList, options: OpenOptions): Promise<Sandbox> {
  const lists = [list];
  for (const sibling of await openSiblings(first, options)) {
    try {
      const more = await listSandboxes(sibling);
      const deployed = more.sandboxes.find((candidate) => candidate.address === address);
      if (deployed !== undefined) {
        const sandbox = await connected(deployed, sibling);
        await first.close();
        return sandbox;
      }
      lists.push(more);
      await sibling.close();
    } catch (error) {
      await sibling.close();
      throw error;
    }
  }
  throw notFound(first.uri, address, { sandboxes: lists.flatMap(({ sandboxes }) => sandboxes), broken: lists.flatMap(({ broken }) => broken) });
}

async function connected(deployed: DeployedSandbox, connection: LibvirtConnection): Promise<Sandbox> {
  const domain = await connection.domains.getByUuid(deployed.uuid);
  return new LiveSandbox(deployed, domain, connection, await hostOf(connection));
}

async function hostOf(connection: LibvirtConnection): Promise<SandboxHost> {
  const [type, { libvirt, hypervisor }] = await Promise.all([connection.host.type(), connection.host.versions()]);
  return { uri: connection.uri, libvirt, hypervisor: hypervisor === undefined ? type : `${type} ${hypervisor}` };
}
