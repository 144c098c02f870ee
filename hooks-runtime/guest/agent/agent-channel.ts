import { SandformError } from '../../../lib/errors';
import type { Files } from '../files';
import type { GuestChannel, GuestPorts } from '../guest-channel';
import type { Ports } from '../ports';
import { TreeFiles } from '../tree-files';
import { AgentCalls } from './agent-calls';
import { AgentCommands, REACH_TIMEOUT } from './agent-commands';
import { AgentFiles } from './agent-files';
import { AgentReach } from './agent-reach';

/** The QEMU guest agent, for guests that have nothing better: slower, no pseudo-terminals, no input for what is under way. */
export class AgentChannel implements GuestChannel {
  readonly name = 'agent';
  readonly commands: AgentCommands;
  readonly files: Files;
  readonly ports: Ports;
  private readonly reaching: AgentReach;

  constructor(private readonly guest: GuestPorts) {
    const calls = new AgentCalls(guest);
    this.reaching = new AgentReach(calls, guest);
    this.commands = new AgentCommands(calls, this.reaching, guest);
    this.ports = {
      connect: async (port) => {
        throw new SandformError('GUEST_PORT', { doing: `${guest.address}: connecting to port ${port} in the guest`, given: 'a guest with a guest agent only', expected: 'a guest with an exec port', fix: 'choose a guest that runs the Sandform guest program' });
      },
    };
    this.files = new TreeFiles(guest.address, async (task) => {
      await this.reaching.ensure({ doing: task.doing, timeout: REACH_TIMEOUT, signal: task.signal });
      return new AgentFiles(calls, this.commands, task);
    });
  }

  async reach({ timeout, signal }: { readonly timeout: number; readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.reaching.doubt();
    await this.reaching.ensure({ doing: `${this.guest.address}: waiting for the guest agent`, timeout, signal });
  }

  /** Each question has a deadline of its own; a paused guest's answer is asked for again when it is needed. */
  suspend(): void {
    this.reaching.doubt();
  }

  resume(): void {
    this.reaching.doubt();
  }

  reset(why: SandformError): void {
    this.reaching.doubt();
    this.commands.abandon(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset(new SandformError('COMMAND_LOST', { doing: `${this.guest.address}: disconnecting`, given: 'the sandbox was disconnected' }));
  }
}
