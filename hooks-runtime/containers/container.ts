import { realpath } from 'node:fs/promises';
import { domainXml, readNetworkXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { type ContainerPart, type DomainPart, type Identity, asciiJson } from '../../lib/spec';
import { SandformPool } from '../images';
import { type Domain, type LibvirtConnection, isLibvirtError } from '../libvirt';
import { ContainerFolders } from './container-folders';
import { LocalDaemon } from './local-daemon';
import { mountOverlay, removeOverlay } from './overlay';
import { unpackRoot } from './unpacked-root';

/** A container that is to be. */
export interface ContainerRequest {
  readonly uuid: string;
  /** Without the birth, which is now. */
  readonly identity: Omit<Identity, 'birth'>;
  readonly domain: DomainPart;
  readonly running: boolean;
}

export interface ContainerOptions {
  /** For messages. */
  readonly doing: string;
  readonly signal?: AbortSignal;
  /** Told what is being waited for or fetched, a line for people now and then. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Makes a container: its root filesystem, the layer that it writes to, its domain. What was made is gone where a part of it fails.
 * @throws SandformError `CONTAINER_HOST`, `CONTAINER_FAILED`, those of the root filesystem, `LIBVIRT_*`
 */
export async function makeContainer(connection: LibvirtConnection, { uuid, identity, domain, running }: ContainerRequest, { doing, signal, onProgress }: ContainerOptions): Promise<Domain> {
  const { container } = domain;
  if (container === undefined) throw new SandformError('INTERNAL', { doing, given: 'a container without a root filesystem' });
  const daemon = LocalDaemon.find(connection.uri, doing);
  if (container.userNamespace) await assertShareable(domain, daemon, doing);
  const folders = await containerFolders(connection);
  await unpackRoot(folders, container, { doing, signal, onProgress });
  const links = await linksOf(connection, domain);
  // What a process that was killed has left under this name is nobody's.
  await removeOverlay(folders, daemon, domain.name);
  try {
    const root = await mountOverlay(folders, daemon, { domain: domain.name, container, nameServer: [...links.values()][0]?.gateway });
    const born = { ...identity, birth: new Date().toISOString() };
    const made = await connection.domains.define(
      domainXml(domain, { ...NO_DISKS, uuid, metadata: { identity: asciiJson({ identity: born, domain }) }, rootFolder: () => root, linkOf: (network) => links.get(network) }),
    );
    if (running) await started(made, doing);
    return made;
  } catch (error) {
    await (await connection.domains.findByUuid(uuid))?.undefine().catch(() => undefined);
    await removeOverlay(folders, daemon, domain.name);
    throw error;
  }
}

/** A container's root is mounted, as it is not after its host was switched off. To be called before it is switched on. */
export async function mountContainer(connection: LibvirtConnection, domain: string, container: ContainerPart): Promise<void> {
  const doing = `mounting the root of domain '${domain}'`;
  const folders = await containerFolders(connection);
  await mountOverlay(folders, LocalDaemon.find(connection.uri, doing), { domain, container });
}

/** Nothing is left of a container, whatever state it is in. Fine where nothing is there. */
export async function removeContainer(connection: LibvirtConnection, domain: Domain): Promise<void> {
  try {
    await poweredOff(domain);
    if ((await domain.info()).persistent) await domain.undefine();
  } catch (error) {
    if (!SandformError.is(error) || error.code !== 'LIBVIRT_NOT_FOUND') throw error;
  }
  await removeContainerFolders(connection, domain.name);
}

/** What is left of a container whose domain is gone. */
export async function removeContainerFolders(connection: LibvirtConnection, domain: string): Promise<void> {
  const folders = await containerFolders(connection);
  if (!(await folders.domains()).includes(domain)) return;
  await removeOverlay(folders, LocalDaemon.find(connection.uri, `removing the root of domain '${domain}'`), domain);
}

/** Where the containers of a host lie. */
export async function containerFolders(connection: LibvirtConnection): Promise<ContainerFolders> {
  return new ContainerFolders(await (await SandformPool.ensure(connection)).path());
}

/** Processes of a container that stands still do not end. */
async function poweredOff(domain: Domain): Promise<void> {
  const { active, state } = await domain.info();
  if (!active) return;
  try {
    if (state === 'paused') await domain.resume();
    await domain.destroy();
  } catch (error) {
    // It may have stopped by itself between question and act.
    if (!isLibvirtError(error, 'OPERATION_INVALID') || (await domain.info()).active) throw error;
  }
}

async function started(domain: Domain, doing: string): Promise<void> {
  try {
    await domain.create();
  } catch (error) {
    const failure = SandformError.from(error, doing);
    throw new SandformError('CONTAINER_FAILED', { doing, given: failure.given ?? failure.message, cause: failure });
  }
}

/** The kernel uncovers nothing for a user namespace, so what has other mounts below it can't be shared; libvirt would say "Invalid argument". Source: mount_namespaces(7). */
async function assertShareable({ filesystems }: DomainPart, daemon: LocalDaemon, doing: string): Promise<void> {
  const mounted = daemon.mountPoints();
  for (const { source } of filesystems) {
    // What is not there, libvirt tells.
    const folder = await realpath(source).catch(() => source);
    const below = mounted.find((point) => point !== folder && point.startsWith(folder.endsWith('/') ? folder : `${folder}/`));
    if (below === undefined) continue;
    throw new SandformError('CONTAINER_FAILED', { doing, given: `the folder ${source}, below which ${below} is mounted`, expected: 'folders of the host without other mounts below them', fix: 'share folders further down, each with a mount of its own' });
  }
}

/** What the networks tell of the host on them, for the addresses that containers are given. */
async function linksOf(connection: LibvirtConnection, { nics }: DomainPart): Promise<ReadonlyMap<string, { readonly prefix: number; readonly gateway: string }>> {
  const links = new Map<string, { prefix: number; gateway: string }>();
  for (const { network: name } of nics) {
    const network = await connection.networks.find(name);
    const { address, subnet } = readNetworkXml((await network?.xml()) ?? '')?.host ?? {};
    if (address !== undefined && subnet !== undefined) links.set(name, { prefix: subnet.prefix, gateway: address });
  }
  return links;
}

const none = () => '';
const NO_DISKS = { volumePath: none, baseVolumePath: none, seedPath: none, consolePath: none };
