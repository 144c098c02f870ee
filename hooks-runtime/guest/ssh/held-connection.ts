import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../../lib/errors';
import type { GuestPorts } from '../guest-channel';
import { SshConnection } from './ssh-connection';

export interface HeldConnectionOptions {
  readonly portName: string;
  readonly user: string;
}

export interface AcquireOptions {
  /** For messages. */
  readonly doing: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that one try may wait for the guest's answer to the handshake and the login after it. */
const TRY_TIMEOUT = 90_000;
/** Milliseconds between tries: twice as long each time, up to the last. */
const PAUSES = [50, 100, 200, 400, 800, 1600];
/** Nonsense in answer to so many tries in a row is not a guest that is still booting. */
const MOST_NONSENSE = 5;

/** The one connection to a guest that everybody shares: opened when first needed, opened anew after a loss. */
export class HeldConnection {
  private current: SshConnection | undefined;
  private attempt: Attempt | undefined;
  private suspended = false;
  private closed = false;

  constructor(
    private readonly ports: GuestPorts,
    private readonly options: HeldConnectionOptions,
  ) {}

  /**
   * The connection, as soon as there is one. All who wait share the same tries.
   * @throws SandformError `GUEST_UNREACHABLE`, `GUEST_PROTOCOL`, `SANDBOX_OFF`, `SANDBOX_GONE`, `LIBVIRT_LOST`, `INTERRUPTED`
   */
  async acquire({ doing, timeout, signal }: AcquireOptions): Promise<SshConnection> {
    if (this.current?.alive) return this.current;
    const deadline = AbortSignal.timeout(timeout);
    const given = signal ? AbortSignal.any([deadline, signal]) : deadline;
    let nonsense = 0;
    let telling: SandformError | undefined;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.tryOnce(doing, given);
      } catch (error) {
        const failure = ended(SandformError.from(error, doing), doing, tries);
        if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
        nonsense = failure.code === 'GUEST_PROTOCOL' ? nonsense + 1 : 0;
        if (nonsense >= MOST_NONSENSE || FINAL.has(failure.code)) throw failure;
        // A try that the deadline cut off says nothing; the one before it may say why.
        if (failure.code !== 'INTERRUPTED') telling = failure;
        if (deadline.aborted) throw unreachable(doing, timeout, telling ?? failure);
        await pause(PAUSES[Math.min(tries, PAUSES.length - 1)], undefined, { signal: given }).catch(() => undefined);
      }
    }
  }

  suspend(): void {
    this.suspended = true;
    this.current?.suspend();
  }

  resume(): void {
    this.suspended = false;
    this.current?.resume();
  }

  reset(why: SandformError): void {
    this.attempt?.controller.abort();
    this.current?.close(why);
  }

  close(): void {
    this.closed = true;
    this.reset(new SandformError('COMMAND_LOST', { doing: `${this.ports.address}: disconnecting`, given: 'the sandbox was disconnected' }));
  }

  /** Joins the try that is under way, or begins one; the last to leave it early ends it. */
  private async tryOnce(doing: string, signal: AbortSignal): Promise<SshConnection> {
    if (this.closed) throw new SandformError('SANDBOX_GONE', { doing, given: 'it is disconnected', fix: 'connect to it again' });
    const attempt = (this.attempt ??= this.begin());
    attempt.waiting += 1;
    try {
      return await untilAborted(attempt.result, signal, doing);
    } finally {
      attempt.waiting -= 1;
      if (attempt.waiting === 0) attempt.controller.abort();
    }
  }

  private begin(): Attempt {
    const controller = new AbortController();
    const result = this.open(AbortSignal.any([controller.signal, AbortSignal.timeout(TRY_TIMEOUT)]));
    const attempt = { controller, result, waiting: 0 };
    const over = () => {
      if (this.attempt === attempt) this.attempt = undefined;
    };
    result.then(over, over);
    return attempt;
  }

  private async open(signal: AbortSignal): Promise<SshConnection> {
    const doing = `${this.ports.address}: connecting to the guest`;
    const outage = await this.ports.outage(doing, 'before');
    if (outage) throw outage;
    const port = await this.ports.openPort(this.options.portName);
    const connection = await SshConnection.open(port, { doing, user: this.options.user, signal });
    if (signal.aborted) connection.close(new SandformError('INTERRUPTED', { doing }));
    if (this.suspended) connection.suspend();
    this.current = connection;
    return connection;
  }
}

interface Attempt {
  readonly controller: AbortController;
  readonly result: Promise<SshConnection>;
  waiting: number;
}

/** What no further try can change. */
const FINAL: ReadonlySet<string> = new Set(['SANDBOX_OFF', 'SANDBOX_GONE', 'LIBVIRT_LOST', 'LIBVIRT_NOT_FOUND', 'LIBVIRT_UNSUPPORTED', 'GUEST_NO_CHANNEL']);

/** What was on when waiting began has ended meanwhile. */
function ended(failure: SandformError, doing: string, tries: number): SandformError {
  return failure.code === 'SANDBOX_OFF' && tries > 0 ? new SandformError('SANDBOX_GONE', { doing, given: failure.given, cause: failure }) : failure;
}

function unreachable(doing: string, timeout: number, last: SandformError): SandformError {
  return new SandformError(last.code === 'GUEST_PROTOCOL' ? 'GUEST_PROTOCOL' : 'GUEST_UNREACHABLE', {
    doing,
    given: last.code === 'INTERRUPTED' ? `no answer within ${timeout} ms` : `no answer within ${timeout} ms; at last: ${last.given ?? last.message}`,
    cause: last,
  });
}

async function untilAborted<T>(result: Promise<T>, signal: AbortSignal, doing: string): Promise<T> {
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(new SandformError('INTERRUPTED', { doing }));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([result, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    left.catch(() => undefined);
  }
}
