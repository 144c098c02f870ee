import { SandformError } from '../../lib/errors';
import { parseAddress } from '../../lib/naming';
import { type LibvirtConnection, unlessMissing } from '../libvirt';
import { type BrokenSandbox, type DeployedSandbox, sandboxOf } from './deployed-sandbox';

/** The sandboxes of a host, by address, and the domains that say to be one but cannot be read. */
export interface SandboxList {
  readonly sandboxes: readonly DeployedSandbox[];
  readonly broken: readonly BrokenSandbox[];
}

/**
 * The deployed sandboxes of a host, from libvirt alone. Domains that go meanwhile are left out.
 * @throws SandformError `LIBVIRT_LOST`, `LIBVIRT_TIMEOUT`, `LIBVIRT_FAILED`
 */
export async function listSandboxes(connection: LibvirtConnection): Promise<SandboxList> {
  const found = await Promise.all((await connection.domains.list()).map((domain) => unlessMissing(sandboxOf(domain))));
  return {
    sandboxes: found.flatMap((entry) => (entry !== undefined && 'sandbox' in entry ? [entry.sandbox] : [])).sort(byAddress),
    broken: found.flatMap((entry) => (entry !== undefined && 'broken' in entry ? [entry.broken] : [])),
  };
}

/** The same of several drivers of one libvirt. */
export async function listAllSandboxes(connections: readonly LibvirtConnection[]): Promise<SandboxList> {
  const lists = await Promise.all(connections.map(listSandboxes));
  return { sandboxes: lists.flatMap(({ sandboxes }) => sandboxes).sort(byAddress), broken: lists.flatMap(({ broken }) => broken) };
}

/**
 * The deployed sandbox of an address.
 * @throws SandformError `ADDRESS_INVALID`, `SANDBOX_NOT_FOUND`
 */
export async function findSandbox(connection: LibvirtConnection, address: string): Promise<DeployedSandbox> {
  const { sandbox } = parseAddress(address);
  const list = await listSandboxes(connection);
  const found = sandbox === undefined ? undefined : list.sandboxes.find((candidate) => candidate.address === address);
  if (found !== undefined) return found;
  throw notFound(connection.uri, address, list);
}

/** The error where none of these is the sandbox that was meant. */
export function notFound(uri: string, address: string, { sandboxes, broken }: SandboxList): SandformError {
  return new SandformError('SANDBOX_NOT_FOUND', {
    doing: `looking for sandbox '${address}' on ${uri}`,
    given: address,
    ...(sandboxes.length === 0 ? {} : { expected: `one of ${sandboxes.map((candidate) => candidate.address).join(', ')}` }),
    details: { sandboxes: sandboxes.map((candidate) => candidate.address), broken: broken.map(({ domain }) => domain) },
  });
}

function byAddress(a: DeployedSandbox, b: DeployedSandbox): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0;
}
