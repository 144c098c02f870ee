import { closeSync, openSync } from 'node:fs';
import { SandformError } from '../../../lib/errors';
import type { ContainerProcess } from '../../containers';
import { isAlive } from '../../processes';

/** What a container has of its own beside its process ids and users, in the order in which it is entered. */
const NAMESPACES = { mnt: '--mount', net: '--net', ipc: '--ipc', uts: '--uts' } as const;

/**
 * The namespaces of a running container, held open: what is entered is that very container, even if its first process has ended meanwhile and its
 * id means another.
 *
 * What enters are programs of the host, which have loaded all that they need before: first into the control groups, with the capabilities that
 * the container itself is bound to; then among its processes, in a session of its own; then, as the last step before its program runs, into its
 * users and its files. Nothing of the container is read or run before that, and no file but the three streams is left open.
 */
export class Entrance implements Disposable {
  private constructor(
    private readonly container: ContainerProcess,
    private readonly files: Readonly<Record<string, number>>,
  ) {}

  /** @throws SandformError `SANDBOX_GONE` where it ends at this moment */
  static open(container: ContainerProcess, doing: string): Entrance {
    const files: Record<string, number> = {};
    const { pid } = container.process;
    try {
      for (const name of [...Object.keys(NAMESPACES), 'pid', ...(container.userNamespace ? ['user'] : [])]) files[name] = openSync(`/proc/${pid}/ns/${name}`, 'r');
      if (files['pid'] !== undefined && isAlive(container.process)) return new Entrance(container, files);
    } catch {
      // Told below.
    }
    for (const file of Object.values(files)) closeSync(file);
    throw new SandformError('SANDBOX_GONE', { doing, given: 'its first process ended' });
  }

  /** Whether the container still runs. */
  get isOpen(): boolean {
    return isAlive(this.container.process);
  }

  /** The command line that runs a command inside, from the host. `terminal`: it has a terminal as its streams, and is to control it. */
  inside(command: readonly string[], { terminal }: { readonly terminal: boolean }): readonly [string, ...string[]] {
    const { controlGroups, capabilities } = this.container;
    const own = Object.entries(NAMESPACES).map(([name, option]) => `${option}=${this.path(name)}`);
    const users = this.files['user'] === undefined ? [] : [`--user=${this.path('user')}`];
    return [
      ...['sh', '-c', JOIN, 'sandform', ...controlGroups, '--'],
      ...['setpriv', `--bounding-set=${bounds(capabilities)}`],
      ...['nsenter', `--pid=${this.path('pid')}`, 'setsid', ...(terminal ? ['--ctty'] : [])],
      ...['nsenter', ...users, ...own, '--no-fork', '--', ...command],
    ] as unknown as [string, ...string[]];
  }

  /** The command line that runs a program of the host on the container's network, and nowhere else. */
  onItsNetwork(command: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', `--net=${this.path('net')}`, '--', ...command];
  }

  [Symbol.dispose](): void {
    for (const file of Object.values(this.files)) closeSync(file);
  }

  /** By way of this process, which holds it open. */
  private path(namespace: string): string {
    return `/proc/${process.pid}/fd/${this.files[namespace] ?? -1}`;
  }
}

/** Joins the control groups named up to `--`, then becomes what follows. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"';

function bounds(capabilities: bigint): string {
  const kept = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (capabilities >> BigInt(bit)) & 1n);
  return ['-all', ...kept.map((bit) => `+cap_${bit}`)].join(',');
}
