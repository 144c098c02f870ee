import { SandformError } from '../../lib/errors';
import { POOL, hypervisorUri, isDriverOf, poolVolumeOf } from '../../lib/naming';
import { LibvirtConnection, type OpenOptions } from '../libvirt';

/**
 * The connections to one libvirt by which all of its sandboxes are reached: that of its URI, and one for containers where it has that driver.
 * Networks, filters and pools are the same for both.
 */
export class HostConnections implements AsyncDisposable {
  private constructor(
    readonly main: LibvirtConnection,
    private readonly siblings: readonly LibvirtConnection[],
  ) {}

  /** @throws SandformError as LibvirtConnection.open, of the URI itself alone */
  static async open(uri: string, options: OpenOptions = {}): Promise<HostConnections> {
    const [main, containers] = await Promise.allSettled([LibvirtConnection.open(uri, options), openContainers(uri, options)]);
    const opened = [...(main.status === 'fulfilled' ? [main.value] : []), ...(containers.status === 'fulfilled' ? containers.value : [])];
    try {
      if (main.status === 'rejected') throw main.reason;
      if (containers.status === 'rejected') throw containers.reason;
      return new HostConnections(main.value, [...containers.value, ...(await openMarked(main.value, options))]);
    } catch (error) {
      await Promise.all(opened.map((connection) => connection.close()));
      throw SandformError.from(error, `connecting to ${uri}`);
    }
  }

  get all(): readonly LibvirtConnection[] {
    return [this.main, ...this.siblings];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((connection) => connection.close()));
  }
}

/** Connections to the drivers beside that of a connection; none where they are not installed. */
export async function openSiblings(main: LibvirtConnection, options: OpenOptions = {}): Promise<LibvirtConnection[]> {
  const containers = await openContainers(main.uri, options);
  try {
    return [...containers, ...(await openMarked(main, options))];
  } catch (error) {
    await Promise.all(containers.map((connection) => connection.close()));
    throw error;
  }
}

/** To the driver of containers. */
export async function openContainers(uri: string, options: OpenOptions): Promise<LibvirtConnection[]> {
  const other = hypervisorUri(uri, 'lxc');
  return other === undefined || other === uri ? [] : openAll([other], options);
}

/** To drivers on which the pool says that there are sandboxes. */
async function openMarked(main: LibvirtConnection, options: OpenOptions): Promise<LibvirtConnection[]> {
  return openAll(await markedDrivers(main), options);
}

async function openAll(uris: readonly string[], options: OpenOptions): Promise<LibvirtConnection[]> {
  const outcomes = await Promise.allSettled(uris.map((uri) => unlessAbsent(LibvirtConnection.open(uri, options))));
  const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return opened;
  await Promise.all(opened.map((connection) => connection.close()));
  throw failure.reason;
}

/** Those that lead elsewhere are passed over: what a host says is not believed that far. */
async function markedDrivers(main: LibvirtConnection): Promise<string[]> {
  const pool = await main.pools.find(POOL);
  if (pool === undefined || !(await pool.info()).active) return [];
  return (await pool.volumes()).flatMap(({ name }) => {
    const volume = poolVolumeOf(name);
    return volume.kind === 'driver' && isDriverOf(main.uri, volume.uri) ? [volume.uri] : [];
  });
}

/** A driver that is not there and one that does not answer look the same; whoever names a sandbox of it is told by its absence. */
async function unlessAbsent(connection: Promise<LibvirtConnection>): Promise<LibvirtConnection | undefined> {
  try {
    return await connection;
  } catch (error) {
    if (SandformError.is(error) && error.code === 'LIBVIRT_UNREACHABLE') return undefined;
    throw error;
  }
}
