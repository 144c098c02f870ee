import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../lib/errors';
import { type ContainerProcess, LocalDaemon, containerProcess } from '../containers';
import type { GuestPorts } from '../guest';
import type { Domain, DomainState, LibvirtConnection } from '../libvirt';

/** How often, and how far apart in milliseconds, a domain is asked after a loss: libvirt closes its ports before it notes its end. */
const LOOKS = 6;
const BETWEEN_LOOKS = 100;

/** What guest channels need, from a libvirt domain. */
export class DomainPorts implements GuestPorts {
  constructor(
    readonly address: string,
    private readonly domain: Domain,
    private readonly connection: LibvirtConnection,
  ) {}

  openPort(name: string): Promise<Duplex> {
    return this.domain.openChannel(name);
  }

  agentCommand(command: string, timeout: number): Promise<string> {
    return this.domain.qemuAgentCommand(command, { timeout: Math.ceil(timeout / 1000) });
  }

  async container(doing: string): Promise<ContainerProcess | undefined> {
    const daemon = LocalDaemon.find(this.connection.uri, doing);
    const { id } = await this.domain.info();
    return id === undefined ? undefined : containerProcess(daemon, id);
  }

  async outage(doing: string, when: 'before' | 'after'): Promise<SandformError | undefined> {
    if (this.connection.ended.aborted) return SandformError.from(this.connection.ended.reason, doing);
    for (let look = 1; ; look += 1) {
      const state = await this.state(doing);
      if (SandformError.is(state)) return state;
      if (ENDED.has(state.state)) return ended(doing, state, when);
      if (when === 'before' || look === LOOKS) return undefined;
      await pause(BETWEEN_LOOKS);
    }
  }

  private async state(doing: string): Promise<DomainState | SandformError> {
    try {
      return await this.domain.state();
    } catch (error) {
      const failure = SandformError.from(error, doing);
      return failure.code === 'LIBVIRT_NOT_FOUND' ? new SandformError('SANDBOX_GONE', { doing, given: 'its domain was removed', cause: failure }) : failure;
    }
  }
}

const ENDED: ReadonlySet<string> = new Set(['shutoff', 'crashed']);

function ended(doing: string, { state, reason }: DomainState, when: 'before' | 'after'): SandformError {
  const given = `${state} (${reason})`;
  if (when === 'before') return new SandformError('SANDBOX_OFF', { doing, given });
  return reason === 'saved' ? new SandformError('COMMAND_LOST', { doing, given: 'the sandbox was saved' }) : new SandformError('SANDBOX_GONE', { doing, given });
}
