import { SandformError } from '../../lib/errors';
import { domainOfFilter, libvirtUri } from '../../lib/naming';
import { type OwnVolume, SandformPool } from '../images';
import { ContainerFolders, type SharedFolders, listSharedFolders } from '../containers';
import { type HostNetwork, listAllSandboxes, listNetworks, type SandboxList } from '../inventory';
import type { LibvirtConnection } from '../libvirt';

/** Everything that a host holds of Sandform, images and locks aside. */
export interface Holdings extends SandboxList {
  /** Names of all domains, ours or not. */
  readonly domains: ReadonlySet<string>;
  readonly networks: readonly (HostNetwork & { readonly identity: object | 'broken' })[];
  readonly pool: SandformPool | undefined;
  readonly volumes: readonly OwnVolume[];
  readonly filters: readonly string[];
  /** Where containers lie, the domains that anything of is there, and the folders of the host that were made for their stacks. */
  readonly containers: { readonly folders: ContainerFolders | undefined; readonly domains: readonly string[]; readonly shared: readonly SharedFolders[] };
}

/** Looks at a host, from libvirt alone; at the folders of containers where they are on this machine. @param siblings connections to its other drivers */
export async function holdingsOf(connection: LibvirtConnection, siblings: readonly LibvirtConnection[] = []): Promise<Holdings> {
  const all = [connection, ...siblings];
  const [list, domains, networks, pool, filters] = await Promise.all([
    listAllSandboxes(all),
    Promise.all(all.map(({ domains: known }) => known.list())),
    listNetworks(connection),
    SandformPool.find(connection),
    ownFilters(connection),
  ]);
  // Logs of consoles may have begun other files, which libvirt's pool does not know yet.
  await pool?.refresh();
  const folders = pool === undefined || !siblings.some(({ uri }) => uri.startsWith('lxc')) || libvirtUri(connection.uri).isRemote ? undefined : new ContainerFolders(await pool.path());
  return {
    ...list,
    domains: new Set(domains.flat().map(({ name }) => name)),
    containers: { folders, domains: (await folders?.domains()) ?? [], shared: folders === undefined ? [] : await listSharedFolders(folders) },
    networks: networks.flatMap((network) => (network.identity === undefined ? [] : [{ ...network, identity: network.identity }])),
    pool,
    volumes: (await pool?.volumes()) ?? [],
    filters,
  };
}

/** Names of the network filters that are ours. None where the driver has no filters, as a user's own daemon. */
export async function ownFilters(connection: LibvirtConnection): Promise<string[]> {
  try {
    return (await connection.nwfilters.list()).map(({ name }) => name).filter((name) => domainOfFilter(name) !== undefined);
  } catch (error) {
    if (SandformError.is(error) && error.code === 'LIBVIRT_UNSUPPORTED') return [];
    throw error;
  }
}

/** The stack of a domain that is no longer there, by its name `STACK-NAME`: the longest of the known ones that fits. */
export function stackOfDomain(domain: string, stacks: Iterable<string>): string | undefined {
  const fitting = [...stacks].filter((stack) => domain.startsWith(`${stack}-`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/** All stacks that anything on the host speaks of. */
export function stacksOn({ sandboxes, networks, volumes, containers }: Holdings): Set<string> {
  return new Set([
    ...sandboxes.map(({ spec }) => spec.identity.stack),
    ...networks.flatMap(({ identity }) => stackOfNetwork(identity) ?? []),
    ...volumes.flatMap((volume) => (volume.kind === 'marker' || volume.kind === 'reservation' ? [volume.stack] : [])),
    ...containers.shared.map(({ stack }) => stack),
  ]);
}

/** The stack that a network says it is of. */
export function stackOfNetwork(identity: HostNetwork['identity'] | object): string | undefined {
  return typeof identity === 'object' && 'stack' in identity && typeof identity.stack === 'string' ? identity.stack : undefined;
}

