import { SandformError } from '../../lib/errors';
import { libvirtUri } from '../../lib/naming';
import { type DomainEvent, domainEventOf } from './domain-event';
import { Domains } from './domains';
import { Host } from './host';
import { Networks } from './networks';
import { NwFilters } from './nwfilters';
import { Session } from './session';
import { StoragePools } from './storage-pools';
import { CallThreads } from './threads/call-threads';
import { EventLoop } from './threads/event-loop';

/** How to connect. */
export interface OpenOptions {
  /** Refuse whatever changes something. @default false */
  readonly readOnly?: boolean;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the daemon's answer. @default 30 s */
  readonly deadline?: number;
}

/** What {@link LibvirtConnection.onDomainEvent} gives: dispose of it to hear no more. */
export type Subscription = Disposable;

/**
 * A connection to libvirt, by any URI that libvirt knows.
 *
 * Calls run on threads of their own: nothing here ever blocks Node or its thread pool. While it is open it keeps the
 * process alive, as a socket does; {@link close} ends its threads.
 */
export class LibvirtConnection implements AsyncDisposable {
  /** Starts what takes longest to start, for a program that will open a connection soon. */
  static prepare(): void {
    EventLoop.prepare();
  }

  /** @throws SandformError `LIBVIRT_NOT_INSTALLED`, `LIBVIRT_UNREACHABLE`, `LIBVIRT_TIMEOUT`; the signal's reason */
  static async open(uri: string, { readOnly = false, signal, deadline = OPEN_MS }: OpenOptions = {}): Promise<LibvirtConnection> {
    signal?.throwIfAborted();
    const doing = `connecting to ${uri}`;
    const threads = new CallThreads({ uri, readOnly });
    // It comes up beside the event loop's.
    threads.startFirst();
    const loop = await EventLoop.lease().catch(async (error: unknown) => {
      await threads.close();
      throw error;
    });
    const connection = new LibvirtConnection(uri, loop, threads);
    try {
      await connection.#connect(doing, deadline, signal);
      return connection;
    } catch (error) {
      const closed = connection.close();
      // A daemon that hangs would make closing wait as well.
      if (!signal?.aborted && !(SandformError.is(error) && error.code === 'LIBVIRT_TIMEOUT')) await closed;
      throw unreachable(error, doing, uri);
    }
  }

  readonly domains: Domains;
  readonly networks: Networks;
  readonly nwfilters: NwFilters;
  readonly pools: StoragePools;
  readonly host: Host;

  readonly #session: Session;
  readonly #handlers = new Set<(event: DomainEvent) => void>();
  readonly #subscriber: number;
  #nativeSubscriptions: number[] = [];
  #closing: Promise<void> | undefined;

  private constructor(
    readonly uri: string,
    private readonly loop: EventLoop,
    private readonly threads: CallThreads,
  ) {
    this.#session = new Session(uri, threads, loop);
    this.domains = new Domains(this.#session);
    this.networks = new Networks(this.#session);
    this.nwfilters = new NwFilters(this.#session);
    this.pools = new StoragePools(this.#session);
    this.host = new Host(this.#session);
    this.#subscriber = loop.subscribe({
      domainEvent: (event) => this.#tell(domainEventOf(event)),
      lost: (reason) => this.#session.end('lost', CLOSE_REASONS[reason] ?? 'the connection ended'),
    });
  }

  /**
   * Aborts when the connection ends. Its reason is a SandformError `LIBVIRT_LOST`, which everybody gets who waits for an
   * answer at that moment, or asks later.
   */
  get ended(): AbortSignal {
    return this.#session.ended;
  }

  /** Whether it ended without being closed. */
  get lost(): boolean {
    return this.#session.lost;
  }

  /**
   * Hears what happens to domains, whoever causes it, in the order in which libvirt tells it; `uuid` narrows it to one.
   * A handler must not throw.
   */
  onDomainEvent(handler: (event: DomainEvent) => void, { uuid }: { uuid?: string } = {}): Subscription {
    const narrowed = (event: DomainEvent) => {
      if (uuid === undefined || event.uuid === uuid) handler(event);
    };
    this.#handlers.add(narrowed);
    return { [Symbol.dispose]: () => void this.#handlers.delete(narrowed) };
  }

  /** Whether the daemon answers, asked just now. */
  async isAlive(): Promise<boolean> {
    if (this.ended.aborted) return false;
    try {
      return await this.threads.run('hostAlive', { doing: `asking ${this.uri} for a sign of life`, deadline: ALIVE_MS });
    } catch (error) {
      if (SandformError.is(error)) return false;
      throw error;
    }
  }

  /** Ends open ports, native connections and threads. Idempotent; never fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(doing: string, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const connecting = this.threads.run('eventsSubscribe', { doing, lane: 'home', deadline }, this.loop.callbacks, this.#subscriber);
    const aborted = () => this.threads.end(new SandformError('INTERRUPTED', { doing, cause: signal?.reason }));
    signal?.addEventListener('abort', aborted);
    try {
      this.#nativeSubscriptions = await connecting;
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
  }

  async #close(): Promise<void> {
    this.#session.end('closed', 'the connection was closed by this program');
    this.loop.unsubscribe(this.#subscriber);
    this.#handlers.clear();
    if (this.#nativeSubscriptions.length > 0) {
      const options = { doing: `closing ${this.uri}`, lane: 'home', deadline: CLOSE_MS, cleanup: true } as const;
      this.#session.cleanUp(() => this.threads.run('eventsUnsubscribe', options, this.loop.callbacks, this.#nativeSubscriptions));
    }
    await this.#session.cleanedUp(CLOSE_MS);
    await this.threads.close();
    await this.loop.release();
  }

  #tell(event: DomainEvent): void {
    for (const handler of [...this.#handlers]) handler(event);
  }
}

const OPEN_MS = 30_000;
const ALIVE_MS = 10_000;
const CLOSE_MS = 2_000;

/** virConnectCloseReason */
const CLOSE_REASONS = ['the connection failed', 'the daemon ended the connection', 'the daemon did not answer for half a minute', 'the connection was closed'];

function unreachable(error: unknown, doing: string, uri: string): SandformError {
  const coded = SandformError.from(error, doing);
  if (coded.code !== 'LIBVIRT_FAILED' && coded.code !== 'LIBVIRT_LOST' && coded.code !== 'LIBVIRT_UNSUPPORTED') return coded;
  return new SandformError('LIBVIRT_UNREACHABLE', { doing, given: coded.given, details: coded.details, cause: coded, ...fixOf(coded.given ?? '', uri) });
}

function fixOf(message: string, uri: string): { fix?: string } {
  const { isRemote, isSession } = libvirtUri(uri);
  const known = FIXES.find(({ of }) => of.test(message));
  if (known !== undefined) return { fix: known.fix };
  if (isRemote) return { fix: `look whether libvirt runs on that machine and you reach it: \`virsh -c '${uri}' version\`` };
  return isSession ? { fix: 'run `npx sandform host up` to start your own libvirt' } : {};
}

/** What the ways to libvirt say when they fail. */
const FIXES: readonly { readonly of: RegExp; readonly fix: string }[] = [
  { of: /Host key verification failed/i, fix: "make the host's key known in ~/.ssh/known_hosts: `ssh-keyscan HOST` prints it, and its operator tells you whether it is the right one" },
  { of: /Permission denied \([a-z,-]+\)/i, fix: 'let your SSH key in on that host (`ssh-copy-id USER@HOST`), and name it by ?keyfile= where it is none of the usual ones' },
  { of: /Permission denied/i, fix: "be root, or a member of the group that owns libvirt's socket (Debian: libvirt)" },
  { of: /certificate|TLS handshake/i, fix: "see https://libvirt.org/kbase/tlscerts.html: the CA, your certificate and your key must be where libvirt looks for them, or in the folder that ?pkipath= names, and the host's certificate must be for the name in the URI" },
];
