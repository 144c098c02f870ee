import type { Worker } from 'node:worker_threads';
import { SandformError } from '../../../lib/errors';
import { libvirtUri } from '../../../lib/naming';
import { errorOf } from '../libvirt-error';
import type { Target } from '../native/call-context';
import type { CallArguments, CallName, CallResult } from '../native/calls';
import type { CallAnswer, CallRequest } from './call-thread';
import { ExitGuard } from './exit-guard';
import { startThread } from './start-thread';

/** How a call is made. */
export interface CallOptions<Result = unknown> {
  /** What is being done, for the error. */
  readonly doing: string;
  /**
   * `guest` for calls whose duration a guest decides, which may be hostile: they never take the last threads, so that any
   * guest can be powered off at any time. `home` for calls that must meet the connection on which events arrive.
   * @default 'host'
   */
  readonly lane?: 'host' | 'guest' | 'home';
  /** Milliseconds after which the caller hears `LIBVIRT_TIMEOUT`. The call itself cannot be taken back. @default 60 s */
  readonly deadline?: number;
  /** Frees something, so it is done also after the connection has ended. @default false */
  readonly cleanup?: boolean;
  /** Gets the result where the caller has given up meanwhile. */
  readonly unclaimed?: (result: Result) => void;
}

/** Deadline of calls that move a disk or write a guest's memory. */
export const LONG_CALL_MS = 30 * 60_000;

const CALL_MS = 60_000;

interface Limits {
  readonly most: number;
  readonly forGuests: number;
  /** Milliseconds that a call waits for a busy thread before one more is started: a burst of short calls needs few. */
  readonly patience: number;
}
const LIMITS: Limits = { most: 16, forGuests: 12, patience: 100 };
/** Each connection is one of SSH or TLS, slow to set up, and a server of SSH turns away those that come too many at once (MaxStartups of sshd). */
const REMOTE_LIMITS: Limits = { most: 6, forGuests: 4, patience: 250 };
/** How long closing waits for a thread that is still in a call. */
const CLOSE_MS = 2_000;

/**
 * The threads that make libvirt calls for one connection, each over a native connection of its own. Started as they are
 * needed, so that neither Node's own thread pool nor the event loop ever waits for libvirt.
 *
 * The daemon answers at most five requests of one client at a time, hence a native connection for each thread.
 */
export class CallThreads {
  readonly #threads: CallThread[] = [];
  #waiting: Job[] = [];
  #patience: NodeJS.Timeout | undefined;
  #ended: SandformError | undefined;
  #closed = false;
  readonly #limits: Limits;

  constructor(private readonly target: Target) {
    this.#limits = libvirtUri(target.uri).isRemote ? REMOTE_LIMITS : LIMITS;
  }

  /** Starts the first thread before it is needed. */
  startFirst(): void {
    if (this.#threads.length === 0) this.#start();
  }

  /** Makes a call. @throws SandformError as the table of libvirt-error.ts says; `LIBVIRT_TIMEOUT` */
  run<Name extends CallName>(name: Name, options: CallOptions<CallResult<Name>>, ...given: CallArguments<Name>): Promise<CallResult<Name>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended && (this.#closed || !options.cleanup)) {
        reject(this.#ended);
        return;
      }
      this.#waiting.push(new Job(name, given, options as CallOptions, resolve, reject));
      this.#assign();
    }) as Promise<CallResult<Name>>;
  }

  /** From now on nothing is called any more; whoever waits for an answer gets this error. */
  end(error: SandformError): void {
    this.#ended ??= error;
    for (const job of [...this.#waiting, ...this.#threads.map((thread) => thread.job)]) {
      if (!job?.options.cleanup) job?.fail(error);
    }
    this.#waiting = this.#waiting.filter((job) => !job.settled);
  }

  /** Closes the native connections and ends the threads. One that hangs in a call ends by itself when the call does. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#patience);
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #assign(): void {
    this.#waiting = this.#waiting.filter((job) => {
      if (job.settled) return false;
      const thread = this.#threadFor(job);
      thread?.do(job);
      return !thread;
    });
    if (!this.#oneMoreHelps()) return;
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      if (this.#oneMoreHelps()) this.#start();
      this.#assign();
    }, this.#limits.patience);
  }

  #oneMoreHelps(): boolean {
    return this.#threads.length < this.#limits.most && this.#waiting.some(({ options: { lane } }) => lane !== 'home' && !(lane === 'guest' && this.#guestsHaveAll()));
  }

  #guestsHaveAll(): boolean {
    return this.#threads.filter((thread) => thread.job?.options.lane === 'guest').length >= this.#limits.forGuests;
  }

  #threadFor({ options: { lane } }: Job): CallThread | undefined {
    this.startFirst();
    if (lane === 'home') return this.#threads.slice(0, 1).find((thread) => thread.idle);
    if (lane === 'guest' && this.#guestsHaveAll()) return undefined;
    return this.#threads.find((thread) => thread.idle);
  }

  #start(): void {
    this.#threads.push(new CallThread(startThread('call-thread', this.target), () => this.#assign()));
  }
}

const exitGuard = new ExitGuard();

/** A call that somebody waits for. */
class Job {
  #settled = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly name: CallName,
    readonly given: readonly unknown[],
    readonly options: CallOptions,
    private readonly resolve: (result: unknown) => void,
    private readonly reject: (error: SandformError) => void,
  ) {
    const deadline = options.deadline ?? CALL_MS;
    this.#timer = setTimeout(() => this.fail(new SandformError('LIBVIRT_TIMEOUT', { doing: options.doing, expected: `an answer within ${deadline / 1000} s` })), deadline);
  }

  get settled(): boolean {
    return this.#settled;
  }

  succeed(result: unknown): void {
    if (this.#settled) this.options.unclaimed?.(result);
    else this.#settle(() => this.resolve(result));
  }

  fail(error: SandformError): void {
    if (!this.#settled) this.#settle(() => this.reject(error));
  }

  #settle(tell: () => void): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    tell();
  }
}

/** One thread, which makes one call at a time. */
class CallThread {
  job: Job | undefined;
  readonly #gone: Promise<void>;
  #closing = false;

  constructor(
    private readonly worker: Worker,
    private readonly free: () => void,
  ) {
    // Only a call under way keeps the process alive.
    worker.unref();
    worker.on('message', (answer: CallAnswer) => this.#receive(answer));
    worker.on('error', (error) => this.#died(error.message));
    this.#gone = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#died('the thread ended');
        resolve();
      });
    });
  }

  get idle(): boolean {
    return this.job === undefined && !this.#closing;
  }

  do(job: Job): void {
    this.job = job;
    exitGuard.enter(this);
    this.worker.ref();
    this.#ask({ name: job.name, given: job.given });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.worker.ref();
    this.#ask({ close: true });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#gone, patience]);
    clearTimeout(timer);
    this.worker.unref();
  }

  #ask(request: CallRequest): void {
    this.worker.postMessage(request);
  }

  #receive(answer: CallAnswer): void {
    const job = this.job;
    if (!job) return;
    this.job = undefined;
    exitGuard.leave(this);
    if (!this.#closing) this.worker.unref();
    if ('failure' in answer) job.fail(errorOf(answer.failure, job.options.doing));
    else job.succeed(answer.result);
    this.free();
  }

  /** Not expected to happen: a thread ends when it is told to. */
  #died(message: string): void {
    this.#closing = true;
    exitGuard.leave(this);
    this.job?.fail(errorOf({ kind: 'defect', message }, this.job.options.doing));
    this.job = undefined;
  }
}
