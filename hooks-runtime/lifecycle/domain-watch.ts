import { SandformError } from '../../lib/errors';
import type { Domain, DomainEvent, DomainInfo, LibvirtConnection } from '../libvirt';

/** What ends a wait, and how long it may last. */
export interface WaitOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for what libvirt says of one domain. Made before the call that brings it about, so that nothing is missed.
 * Disposing of it ends the subscription.
 */
export class DomainWatch implements Disposable {
  readonly #heard: DomainEvent[] = [];
  readonly #subscription: Disposable;
  #wake: () => void = () => undefined;

  constructor(
    private readonly connection: LibvirtConnection,
    private readonly domain: Domain,
  ) {
    this.#subscription = connection.onDomainEvent(
      (event) => {
        this.#heard.push(event);
        this.#wake();
      },
      { uuid: domain.uuid },
    );
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  /**
   * The first event since the watch was made that `matches`, or undefined where time is up.
   * @throws the signal's reason; SandformError `LIBVIRT_LOST`
   */
  async first(matches: (event: DomainEvent) => boolean, { timeout, signal }: WaitOptions): Promise<DomainEvent | undefined> {
    const deadline = performance.now() + timeout;
    const ends = AbortSignal.any([this.connection.ended, ...(signal ? [signal] : [])]);
    for (;;) {
      const event = this.heard(matches);
      if (event) return event;
      ends.throwIfAborted();
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await this.#next(left, ends);
    }
  }

  /** The first event so far that `matches`. */
  heard(matches: (event: DomainEvent) => boolean): DomainEvent | undefined {
    return this.#heard.find(matches);
  }

  /** Whether its processors run. */
  isRunning(): Promise<boolean> {
    return this.#is(({ state }) => state === 'running');
  }

  /** Whether the domain is on; a transient one that is gone is off. The net under {@link first}, should an event be lost. */
  isActive(): Promise<boolean> {
    return this.#is(({ active }) => active);
  }

  async #is(condition: (info: DomainInfo) => boolean): Promise<boolean> {
    try {
      return condition(await this.domain.info());
    } catch (error) {
      if (SandformError.is(error) && error.code === 'LIBVIRT_NOT_FOUND') return false;
      throw error;
    }
  }

  #next(milliseconds: number, ends: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        ends.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      ends.addEventListener('abort', wake);
      this.#wake = wake;
    });
  }
}
