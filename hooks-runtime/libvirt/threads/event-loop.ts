import type { Worker } from 'node:worker_threads';
import type { SandformError } from '../../../lib/errors';
import type { EventCallbacks } from '../native/event-calls';
import type { Failure } from '../native/failure';
import { glib, type Pointer } from '../native/library';
import { errorOf } from '../libvirt-error';
import type { EventCommand, EventMessage, RawDomainEvent } from './event-thread';
import { startThread } from './start-thread';

/** Who wants to know what a connection tells by itself. */
export interface EventSubscriber {
  domainEvent(event: RawDomainEvent): void;
  /** virConnectCloseReason: 0 error, 1 end of file, 2 keepalive, 3 closed by this program. */
  lost(reason: number): void;
}

/** Who reads a guest's port. */
export interface PortListener {
  data(data: Uint8Array): void;
  end(error: SandformError | undefined): void;
}

/**
 * libvirt's event loop in a thread of its own, one for all connections of this process.
 * It starts with the first lease and stops with the last; then the thread sleeps, and keeps no process alive.
 */
export class EventLoop {
  static #loop: Promise<EventLoop> | undefined;

  /** Starts the thread before it is needed; what goes wrong is told to the first lease. */
  static prepare(): void {
    EventLoop.#loop ??= EventLoop.#start();
    EventLoop.#loop.catch(() => undefined);
  }

  /** A running loop; give it back by {@link release}. @throws SandformError `LIBVIRT_NOT_INSTALLED` */
  static async lease(): Promise<EventLoop> {
    const started = (EventLoop.#loop ??= EventLoop.#start());
    try {
      const loop = await started;
      await loop.#leased();
      return loop;
    } catch (error) {
      if (EventLoop.#loop === started) EventLoop.#loop = undefined;
      throw error;
    }
  }

  readonly #subscribers = new Map<number, EventSubscriber>();
  readonly #ports = new Map<number, PortListener>();
  readonly #detaching = new Map<number, () => void>();
  #nextId = 1;
  #leases = 0;
  #stopped: Promise<void> = Promise.resolve();
  #onStopped: () => void = () => undefined;

  private constructor(
    private readonly thread: Worker,
    readonly callbacks: EventCallbacks,
  ) {
    thread.on('message', (message: EventMessage) => this.#receive(message));
    // Not expected to happen; but whoever waits for an event must not wait for ever.
    thread.once('exit', () => this.#subscribers.forEach((subscriber) => subscriber.lost(0)));
    thread.unref();
  }

  async #leased(): Promise<void> {
    this.#leases += 1;
    if (this.#leases > 1) return;
    this.thread.ref();
    await this.#stopped;
    this.#command({ kind: 'run' });
  }

  /** Stops the loop with its last lease. */
  async release(): Promise<void> {
    this.#leases -= 1;
    if (this.#leases > 0) return;
    this.#stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
    this.#command({ kind: 'stop' });
    await this.#stopped;
    if (this.#leases === 0) this.thread.unref();
  }

  /** An id under which the subscriber hears events. */
  subscribe(subscriber: EventSubscriber): number {
    const id = this.#nextId++;
    this.#subscribers.set(id, subscriber);
    return id;
  }

  unsubscribe(id: number): void {
    this.#subscribers.delete(id);
  }

  /** An id under which a port, about to be opened, is read. */
  attachPort(listener: PortListener): number {
    const port = this.#nextId++;
    this.#ports.set(port, listener);
    this.#command({ kind: 'attach', port });
    return port;
  }

  /** The reader took that many bytes: more may come. */
  taken(port: number, bytes: number): void {
    this.#command({ kind: 'taken', port, bytes });
  }

  /** Resolves when libvirt will not name the port again. Without a stream the port was never opened. */
  async detachPort(port: number, stream?: Pointer): Promise<void> {
    this.#ports.delete(port);
    await new Promise<void>((resolve) => {
      this.#detaching.set(port, resolve);
      this.#command({ kind: 'detach', port, ...(stream === undefined ? {} : { stream }) });
    });
  }

  static #start(): Promise<EventLoop> {
    const thread = startThread('event-thread');
    return new Promise((resolve, reject) => {
      const fail = (failure: Failure) => {
        reject(errorOf(failure, "starting libvirt's event loop"));
        void thread.terminate();
      };
      thread.on('error', (error) => fail({ kind: 'defect', message: error.message }));
      thread.once('message', (message: EventMessage) => {
        if (message.kind === 'ready') resolve(new EventLoop(thread, message.callbacks));
        else if (message.kind === 'unusable') fail(message.failure);
      });
    });
  }

  /** The thread reads commands between two turns of the loop, so the present turn is made to end. */
  #command(command: EventCommand): void {
    this.thread.postMessage(command);
    glib.g_main_context_wakeup(null);
  }

  #receive(message: EventMessage): void {
    switch (message.kind) {
      case 'lifecycle':
      case 'reboot':
      case 'agent':
        this.#subscribers.get(message.subscriber)?.domainEvent(message);
        break;
      case 'lost':
        this.#subscribers.get(message.subscriber)?.lost(message.reason);
        break;
      case 'data':
        this.#ports.get(message.port)?.data(message.data);
        break;
      case 'end':
        this.#ports.get(message.port)?.end(message.failure && errorOf(message.failure, "reading a guest's port"));
        break;
      case 'detached':
        this.#detaching.get(message.port)?.();
        this.#detaching.delete(message.port);
        break;
      case 'stopped':
        this.#onStopped();
        break;
      case 'ready':
      case 'unusable':
        break;
    }
  }
}
