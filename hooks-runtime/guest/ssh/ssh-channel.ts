import { SandformError } from '../../../lib/errors';
import type { Files } from '../files';
import type { GuestChannel, GuestPorts } from '../guest-channel';
import type { Ports } from '../ports';
import { type FileTask, TreeFiles } from '../tree-files';
import { HeldConnection } from './held-connection';
import { SftpFiles } from './sftp-files';
import { SftpSession } from './sftp-session';
import { CONNECT_TIMEOUT, SshCommands } from './ssh-commands';
import type { SshConnection } from './ssh-connection';
import { SshPorts } from './ssh-ports';

/** SSH over a virtio-serial port: needs no network in the guest, and no key that anybody stores. */
export class SshChannel implements GuestChannel {
  readonly name = 'ssh';
  readonly commands: SshCommands;
  readonly files: Files;
  readonly ports: Ports;
  private readonly held: HeldConnection;
  private sftp: { readonly connection: SshConnection; readonly session: Promise<SftpSession> } | undefined;

  constructor(
    private readonly guest: GuestPorts,
    portName: string,
    user: string,
  ) {
    this.held = new HeldConnection(guest, { portName, user });
    this.commands = new SshCommands(this.held, guest);
    this.ports = new SshPorts(this.held, guest);
    this.files = new TreeFiles(guest.address, async (task) => new SftpFiles(await this.sftpSession(task), this.commands, task));
  }

  async reach({ timeout, signal }: { readonly timeout: number; readonly signal?: AbortSignal | undefined }): Promise<void> {
    await this.held.acquire({ doing: `${this.guest.address}: waiting for the guest`, timeout, signal });
  }

  suspend(): void {
    this.held.suspend();
  }

  resume(): void {
    this.held.resume();
  }

  reset(why: SandformError): void {
    this.held.reset(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.held.close();
  }

  /** One SFTP session is shared by all operations on files, as long as it and the connection last. */
  private async sftpSession({ doing, signal }: FileTask): Promise<SftpSession> {
    const connection = await this.held.acquire({ doing, timeout: CONNECT_TIMEOUT, signal });
    if (this.sftp?.connection === connection) {
      const session = await this.sftp.session;
      if (session.alive) return session;
    }
    const session = connection.sftp().then((sftp) => new SftpSession(sftp, (what) => this.whyLost(what)));
    const opened = { connection, session };
    this.sftp = opened;
    session.catch(() => {
      if (this.sftp === opened) this.sftp = undefined;
    });
    return session;
  }

  private async whyLost(doing: string): Promise<SandformError> {
    return (await this.guest.outage(doing, 'after')) ?? new SandformError('COMMAND_LOST', { doing });
  }
}
