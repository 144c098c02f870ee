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

/** How a connection ended. */
export interface Ending {
  readonly why: SandformError;
  /** Whether that is the reason, or only what could be seen of it from here. */
  readonly certain: boolean;
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
  private readonly listeners = new Set<(ending: Ending) => void>();
  private over: Ending | undefined;
  private ready = false;

  private constructor(
    private readonly port: Duplex,
    private readonly client: Client,
    private readonly doing: string,
  ) {
    this.pulse = new Pulse(
      // ssh2's own keepalive can't be halted while a guest is paused
      () => void this.ping().catch(() => undefined),
      () => this.lose('the guest fell silent'),
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

  /** How it ended, once it has. */
  get ending(): Ending | undefined {
    return this.over;
  }

  /** Calls the listener once, with the reason, when the connection has ended. Gives the way to take it back. */
  onEnd(listener: (ending: Ending) => void): () => void {
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

  /** A TCP connection that the guest's SSH server makes. */
  forward(host: string, port: number): Promise<ClientChannel> {
    return this.request((done) => this.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => (error ? done(error) : done(undefined, channel))));
  }

  sftp(): Promise<SFTPWrapper> {
    return this.request((done) => this.client.sftp((error, sftp) => (error ? done(error) : done(undefined, sftp))));
  }

  /** Resolves when the guest's SSH server has answered: any sshd refuses this request, and the refusal is the sign of life. */
  ping(): Promise<void> {
    return this.unlessEnded((done) => this.client.unforwardIn('sandform.invalid', 1, () => done()));
  }

  suspend(): void {
    this.pulse.stop();
  }

  resume(): void {
    if (!this.over) this.pulse.start();
  }

  /** Ends the connection; commands under way learn why through {@link onEnd}. */
  close(why: SandformError): void {
    this.finish({ why, certain: true });
  }

  /** For a reason that can only be guessed here. */
  private lose(given: string, cause?: unknown): void {
    this.finish({ why: new SandformError('COMMAND_LOST', { doing: this.doing, given, cause }), certain: false });
  }

  private finish(ending: Ending): void {
    if (this.over) return;
    this.over = ending;
    this.pulse.stop();
    for (const listener of this.listeners) listener(ending);
    this.listeners.clear();
    this.port.destroy();
  }

  private async logIn(username: string, privateKey: string, hostKey: Buffer, signal: AbortSignal): Promise<void> {
    const { client, port, doing } = this;
    const deadline = setTimeout(() => this.close(new SandformError('GUEST_UNREACHABLE', { doing, given: 'the login did not end' })), LOGIN_TIMEOUT);
    const onAbort = () => this.close(new SandformError('INTERRUPTED', { doing }));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      client.on('error', (error) => {
        // Once logged in, nonsense is how it shows that the guest's SSH server ended and the next one says hello
        if (this.ready) this.lose(`the guest's SSH server ended, or answered nonsense: ${messageOf(error)}`, error);
        else this.close(new SandformError('GUEST_PROTOCOL', { doing, given: messageOf(error), cause: error }));
      });
      client.on('close', () => this.lose('its port closed'));
      port.on('close', () => this.lose('its port closed'));
      client.connect({
        sock: port,
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
      await this.unlessEnded<undefined>((done) => client.once('ready', () => {
        done(undefined);
      }));
      this.ready = true;
      this.pulse.start();
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private request<T>(ask: (done: (...answer: [error: Error] | [error: undefined, answer: T]) => void) => void): Promise<T> {
    return this.unlessEnded((resolve, reject) =>
      ask((...[error, answer]) => {
        if (error === undefined) resolve(answer);
        // A refusal that comes of the connection's end is not the guest's
        else if (this.alive) reject(new SandformError('GUEST_PROTOCOL', { doing: this.doing, given: `the guest refused: ${messageOf(error)}`, cause: error }));
      }),
    );
  }

  /** Settles as the work does, or fails when the connection ends before. */
  private unlessEnded<T>(work: (resolve: (value: T) => void, reject: (why: SandformError) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const forget = this.onEnd(({ why }) => reject(why));
      if (this.over) return;
      try {
        work(
          (value) => {
            forget();
            resolve(value);
          },
          (why) => {
            forget();
            reject(why);
          },
        );
      } catch (error) {
        // ssh2 throws where its port has ended and nobody has been told yet
        this.lose(messageOf(error), error);
      }
    });
  }
}
