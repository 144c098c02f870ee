import { SandformError } from '../../lib/errors';
import type { Isolation } from '../../lib';
import type { SandboxSpec } from '../../lib/spec';
import { Duration } from '../../lib/units';
import { EventBus } from '../events';
import { type Commands, type Files, type GuestChannel, type Ports, openGuestChannel } from '../guest';
import type { DeployedSandbox } from '../inventory';
import type { Domain, LibvirtConnection } from '../libvirt';
import { Lifecycle } from '../lifecycle';
import { watchForChannel } from './channel-watch';
import type { Console } from './console';
import { DomainConsole } from './domain-console';
import { DomainDisks } from './domain-disks';
import { DomainMemory } from './domain-memory';
import { DomainPorts } from './domain-ports';
import { DomainScreen } from './domain-screen';
import type { Disks } from './disks';
import { type GuestAddress, guestAddresses } from './guest-addresses';
import { type GuestInterface, guestInterfaces } from './guest-interfaces';
import type { GuestAnswer, Sandbox, SandboxHost, WaitForGuestOptions } from './sandbox';
import type { Memory } from './memory';
import type { Screen } from './screen';

/** A sandbox on a connection of its own, which it closes. */
export class LiveSandbox implements Sandbox {
  readonly address: string;
  readonly spec: SandboxSpec;
  readonly isolation: Isolation;
  readonly commands: Commands;
  readonly files: Files;
  readonly ports: Ports;
  readonly screen: Screen;
  readonly console: Console;
  readonly memory: Memory;
  readonly disks: Disks;
  readonly power: Lifecycle;
  readonly events = new EventBus();
  private readonly channel: GuestChannel;
  private readonly watch: Disposable;
  private disposing: Promise<void> | undefined;

  constructor(
    deployed: DeployedSandbox,
    private readonly domain: Domain,
    private readonly connection: LibvirtConnection,
    readonly host: SandboxHost,
  ) {
    const { address, spec, isolation, uuid } = deployed;
    this.address = address;
    this.spec = spec;
    this.isolation = isolation;
    this.channel = openGuestChannel(spec.domain, new DomainPorts(address, domain, connection));
    this.commands = this.channel.commands;
    this.files = this.channel.files;
    this.ports = this.channel.ports;
    this.console = new DomainConsole(address, spec.domain, connection);
    this.disks = new DomainDisks(address, domain, connection, spec.domain);
    this.memory = new DomainMemory(address, domain, connection, spec.domain);
    this.screen = new DomainScreen(address, domain, spec.domain);
    this.power = new Lifecycle(connection, domain, this.events, spec.domain);
    this.watch = watchForChannel({ address, uuid, connection, channel: this.channel });
    if (deployed.state === 'paused') this.channel.suspend();
  }

  async waitForGuest({ timeout = '2m', signal }: WaitForGuestOptions = {}): Promise<GuestAnswer> {
    const doing = `${this.address}: waiting for the guest`;
    const startedAt = performance.now();
    try {
      await this.channel.reach({ timeout: Duration.parse(timeout, doing).timerMilliseconds, signal });
    } catch (error) {
      const failure = SandformError.from(error, doing);
      if (failure.code !== 'INTERRUPTED') await this.events.emit('guest_unreachable', { error: failure.toJSON() }, 'run');
      throw failure;
    }
    const answer = { channel: this.channel.name, elapsed: Math.round(performance.now() - startedAt) };
    await this.events.emit('guest_ready', answer, 'run');
    return answer;
  }

  addresses(): Promise<readonly GuestAddress[]> {
    return guestAddresses(this.domain, this.address);
  }

  interfaces(): Promise<readonly GuestInterface[]> {
    return guestInterfaces(this.domain);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposing ??= this.dispose();
    return this.disposing;
  }

  private async dispose(): Promise<void> {
    this.watch[Symbol.dispose]();
    await this.channel[Symbol.asyncDispose]();
    this.power[Symbol.dispose]();
    await this.events.drain();
    this.events.close();
    await this.connection.close();
  }
}
