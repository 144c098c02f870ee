import type { Duplex } from 'node:stream';
import { Client, type ClientChannel, type SFTPWrapper } from 'ssh2';
import { SandformError, messageOf } from '../../../lib/errors';
import type { Terminal } from '../commands';
import { createClientKey } from './client-key';
import { shakeHands } from './handshake';
import { guardChannels } from './hostile-server';
import { Pulse } from './pulse';
import { Slots } from './slots';

export interface ConnectionOptions {
  /** For messages. */
  readonly doing: string;
  readonly user: string;
  readonly signal: AbortSignal;
}

/** Commands that run at once: far fewer than the 256 sessions of the guest's sshd, which small guests have no memory for. */
const MOST_COMMANDS = 128;
/** Milliseconds that key exchange and authentication may take once the guest has answered the handshake. */
const LOGIN_TIMEOUT = 60_000;

/** One SSH connection over one opening of a guest's port, with keys that live no longer than it. */
export class SshConnection {
  /** Numbered places for commands. */
  readonly slots = new Slots(MOST_COMMANDS);
  private readonly pulse: Pulse;
  private readonly listeners = new Set<(why: SandformError) => void>();
  private over: SandformError | undefined;

  private constructor(
    private readonly port: Duplex,
    private readonly client: Client,
    private readonly doing: string,
  ) {
    this.pulse = new Pulse(
      // Any sshd refuses this; the refusal is the sign of life. ssh2's own keepalive can't be halted while a guest is paused.
      () => this.client.unforwardIn('sandform.invalid', 1, () => undefined),
      () => this.close(lost(this.doing, 'the guest fell silent')),
    );
  }

  /**
   * Shakes hands with the guest program and logs in. Owns the port from here on, and closes it on failure.
   * @throws SandformError `GUEST_UNREACHABLE`, `GUEST_PROTOCOL`, `INTERRUPTED`
   */
  static async open(port: Duplex, { doing, user, signal }: ConnectionOptions): Promise<SshConnection> {
    port.on('error', () => undefined);
    try {
      const key = createClientKey();
      const hostKey = await shakeHands(port, { doing, publicLine: key.publicLine, signal });
      const client = new Client();
      const connection = new SshConnection(port, client, doing);
      await connection.logIn(user, key.privatePem, hostKey, signal);
      return connection;
    } catch (error) {
      port.destroy();
      throw SandformError.from(error, doing);
    }
  }

  get alive(): boolean {
    return this.over === undefined;
  }

  /** Calls the listener once, with the reason, when the connection has ended. Gives the way to take it back. */
  onEnd(listener: (why: SandformError) => void): () => void {
    if (this.over) listener(this.over);
    else this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Starts a command line in the guest.
   * @param attach gets the channel at once: its end may be in the very bytes that its beginning is in
   */
  exec<T>(line: string, pty: Terminal | undefined, attach: (channel: ClientChannel) => T): Promise<T> {
    const options = pty ? { pty: { cols: pty.columns, rows: pty.rows, term: pty.term ?? 'xterm-256color', width: 0, height: 0, modes: {} } } : {};
    return this.request((done) => this.client.exec(line, options, (error, channel) => (error ? done(error) : done(undefined, attach(channel)))));
  }

  sftp(): Promise<SFTPWrapper> {
    return this.request((done) => this.client.sftp((error, sftp) => (error ? done(error) : done(undefined, sftp))));
  }

  suspend(): void {
    this.pulse.stop();
  }

  resume(): void {
    if (!this.over) this.pulse.start();
  }

  /** Ends the connection; commands under way learn why through {@link onEnd}. */
  close(why: SandformError): void {
    if (this.over) return;
    this.over = why;
    this.pulse.stop();
    for (const listener of this.listeners) listener(why);
    this.listeners.clear();
    this.port.destroy();
  }

  private async logIn(username: string, privateKey: string, hostKey: Buffer, signal: AbortSignal): Promise<void> {
    const { client, port, doing } = this;
    const deadline = setTimeout(() => this.close(new SandformError('GUEST_UNREACHABLE', { doing, given: 'the login did not end' })), LOGIN_TIMEOUT);
    const onAbort = () => this.close(new SandformError('INTERRUPTED', { doing }));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      // Whatever goes wrong in there, before or after the login, is the guest's doing
      client.on('error', (error) => this.close(new SandformError('GUEST_PROTOCOL', { doing, given: messageOf(error), cause: error })));
      client.on('close', () => this.close(lost(doing, 'its port closed')));
      port.on('close', () => this.close(lost(doing, 'its port closed')));
      client.connect({
        sock: port as never,
        username,
        privateKey,
        authHandler: ['publickey'],
        hostVerifier: (key: Buffer) => key.equals(hostKey),
        readyTimeout: 0,
        keepaliveInterval: 0,
        algorithms: { serverHostKey: ['ssh-ed25519'], compress: ['none'] },
      });
      guardChannels(client, port, (given) => this.close(new SandformError('GUEST_PROTOCOL', { doing, given })));
      port.on('data', () => this.pulse.beat());
      if (signal.aborted) onAbort();
      await this.unlessEnded<void>((done) => client.once('ready', () => done()));
      this.pulse.start();
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private request<T>(ask: (done: (...answer: [error: Error] | [error: undefined, answer: T]) => void) => void): Promise<T> {
    return this.unlessEnded((resolve, reject) =>
      ask((...[error, answer]) => {
        if (error === undefined) resolve(answer as T);
        // A refusal that comes of the connection's end is not the guest's
        else if (this.alive) reject(new SandformError('GUEST_PROTOCOL', { doing: this.doing, given: `the guest refused: ${messageOf(error)}`, cause: error }));
      }),
    );
  }

  /** Settles as the work does, or fails when the connection ends before. */
  private unlessEnded<T>(work: (resolve: (value: T) => void, reject: (why: SandformError) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const forget = this.onEnd(reject);
      if (this.over) return;
      try {
        work(
          (value) => (forget(), resolve(value)),
          (why) => (forget(), reject(why)),
        );
      } catch (error) {
        // ssh2 throws where its port has ended and nobody has been told yet
        this.close(lost(this.doing, messageOf(error)));
      }
    });
  }
}

function lost(doing: string, given: string): SandformError {
  return new SandformError('COMMAND_LOST', { doing, given });
}
