import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../../lib/errors';
import type { Files } from '../files';
import type { GuestChannel, GuestPorts } from '../guest-channel';
import type { Ports } from '../ports';
import { TreeFiles } from '../tree-files';
import { Entrance } from './entrance';
import { NamespaceCommands } from './namespace-commands';
import { NamespaceFiles } from './namespace-files';
import { NamespacePorts } from './namespace-ports';

/** Milliseconds between looks at a container that is starting. */
const LOOK_INTERVAL = 50;

/** The namespaces of a container on this machine: nothing in it need run or be installed but a shell. */
export class NamespaceChannel implements GuestChannel {
  readonly name = 'namespaces';
  readonly commands: NamespaceCommands;
  readonly files: Files;
  readonly ports: Ports;
  private entrance: Entrance | undefined;

  constructor(private readonly guest: GuestPorts) {
    const enter = (doing: string) => this.enter(doing);
    this.commands = new NamespaceCommands(enter, guest);
    this.ports = new NamespacePorts(enter, guest);
    this.files = new TreeFiles(guest.address, (task) => Promise.resolve(new NamespaceFiles(this.commands, task)));
  }

  async reach({ timeout, signal }: { readonly timeout: number; readonly signal?: AbortSignal | undefined }): Promise<void> {
    const doing = `${this.guest.address}: waiting for the guest`;
    const end = performance.now() + timeout;
    for (;;) {
      if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
      const answer = await this.answer(doing, Math.max(1, end - performance.now()), signal);
      if (answer === undefined) return;
      if (performance.now() >= end) throw new SandformError('GUEST_UNREACHABLE', { doing, given: answer });
      await pause(LOOK_INTERVAL);
    }
  }

  /** A command that enters stands still with the rest until it is resumed. */
  suspend(): void {}

  resume(): void {}

  reset(why: SandformError): void {
    this.leave();
    this.commands.abandon(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset(new SandformError('COMMAND_LOST', { doing: `${this.guest.address}: disconnecting`, given: 'the sandbox was disconnected' }));
    return Promise.resolve();
  }

  /** Undefined where a command ran, else what stood in the way. */
  private async answer(doing: string, timeout: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    try {
      const { exitCode, stderr } = await this.commands.run(':', { timeout: `${Math.ceil(timeout)}ms`, ...(signal === undefined ? {} : { signal }) });
      return exitCode === 0 ? undefined : stderr.trim() || `exit code ${exitCode}`;
    } catch (error) {
      const failure = SandformError.from(error, doing);
      if (failure.code === 'COMMAND_TIMEOUT') return 'a command that did not end';
      throw failure;
    }
  }

  private async enter(doing: string): Promise<Entrance> {
    if (this.entrance?.isOpen) return this.entrance;
    this.leave();
    const container = await this.guest.container(doing);
    if (container === undefined) throw (await this.guest.outage(doing, 'before')) ?? new SandformError('GUEST_UNREACHABLE', { doing, given: 'a container whose first process is not found' });
    this.leave();
    this.entrance = Entrance.open(container, doing);
    return this.entrance;
  }

  private leave(): void {
    this.entrance?.[Symbol.dispose]();
    this.entrance = undefined;
  }
}
