import type { GuestAnswer, Sandbox, WaitForGuestOptions } from '../sandbox';

/** Events after which the guest must be asked anew. */
const RESETS: ReadonlySet<string> = new Set(['domain_stopped', 'domain_rebooted', 'pre_poweron', 'pre_restart', 'pre_restore', 'pre_save']);

/** Waits for the guest once a boot, however many ask, so that `guest_ready` is fired once. */
export class GuestWait implements Disposable {
  private asked: { readonly handled: Promise<GuestAnswer>; readonly answered: Promise<GuestAnswer>; readonly ready: (answer: GuestAnswer) => void } | undefined;
  private readonly unsubscribe: () => void;

  constructor(private readonly sandbox: Sandbox) {
    this.unsubscribe = sandbox.events.onAny(({ name, source, data }) => {
      if (RESETS.has(name)) this.asked = undefined;
      if (name === 'guest_ready' && (source === 'run' || source === 'guest')) this.asked?.ready(data as unknown as GuestAnswer);
    });
  }

  /**
   * Resolves when the guest answers. It doesn't wait for the handlers of `guest_ready`: one who asks from within a handler would
   * wait for an event that waits for him.
   */
  async answer(options?: WaitForGuestOptions): Promise<GuestAnswer> {
    const first = this.asked === undefined;
    const { answered, handled } = this.ask(options);
    return first ? handled : answered;
  }

  /** Resolves when the guest answers and the handlers of `guest_ready` have ended. */
  handled(options?: WaitForGuestOptions): Promise<GuestAnswer> {
    return this.ask(options).handled;
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  private ask(options?: WaitForGuestOptions): NonNullable<GuestWait['asked']> {
    if (this.asked !== undefined) return this.asked;
    const { promise, resolve } = withResolver<GuestAnswer>();
    // Remembered before asking: the answer may come at once.
    const handled = Promise.resolve().then(() => this.sandbox.waitForGuest(options));
    const asked = { handled, answered: Promise.race([handled, promise]), ready: resolve };
    this.asked = asked;
    // A failure is told to those who asked, not to those who ask later.
    handled.catch(() => {
      if (this.asked === asked) this.asked = undefined;
    });
    asked.answered.catch(() => undefined);
    return asked;
  }
}

function withResolver<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((given) => (resolve = given));
  return { promise, resolve };
}
