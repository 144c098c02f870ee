import { SandformError } from '../../lib/errors';
import { hypervisorUri } from '../../lib/naming';
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
    const [main, siblings] = await Promise.allSettled([LibvirtConnection.open(uri, options), openSiblings(uri, options)]);
    const others = siblings.status === 'fulfilled' ? siblings.value : [];
    if (main.status === 'fulfilled' && siblings.status === 'fulfilled') return new HostConnections(main.value, others);
    await Promise.all([...others, ...(main.status === 'fulfilled' ? [main.value] : [])].map((connection) => connection.close()));
    throw SandformError.from(main.status === 'rejected' ? main.reason : (siblings as PromiseRejectedResult).reason, `connecting to ${uri}`);
  }

  get all(): readonly LibvirtConnection[] {
    return [this.main, ...this.siblings];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((connection) => connection.close()));
  }
}

/** Connections to the drivers beside that of a URI; none where they are not installed. */
export async function openSiblings(uri: string, options: OpenOptions = {}): Promise<LibvirtConnection[]> {
  const others = [hypervisorUri(uri, 'lxc')].filter((other) => other !== undefined && other !== uri) as string[];
  const opened = await Promise.all(others.map((other) => unlessAbsent(LibvirtConnection.open(other, options))));
  return opened.filter((connection) => connection !== undefined);
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
