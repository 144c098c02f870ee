import { setTimeout as pause } from 'node:timers/promises';
import { SandformError } from '../../../lib/errors';
import type { GuestPorts } from '../guest-channel';
import type { AgentCalls } from './agent-calls';

export interface ReachOptions {
  /** For messages. */
  readonly doing: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between questions to an agent that does not answer yet. */
const PAUSE = 250;

/** Knows whether the agent answers: not after boot, nor for a while after a restore, when libvirt says "not connected". */
export class AgentReach {
  private answers = false;

  constructor(
    private readonly calls: AgentCalls,
    private readonly ports: GuestPorts,
  ) {}

  /** It is to be asked again before its next use. */
  doubt(): void {
    this.answers = false;
  }

  /** @throws SandformError `GUEST_UNREACHABLE`, `SANDBOX_OFF`, `SANDBOX_GONE`, `LIBVIRT_LOST`, `INTERRUPTED` */
  async ensure({ doing, timeout, signal }: ReachOptions): Promise<void> {
    const end = performance.now() + timeout;
    for (let tries = 0; !this.answers; tries += 1) {
      if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
      const outage = await this.ports.outage(doing, 'before');
      // What was on when waiting began has ended meanwhile
      if (outage) throw outage.code === 'SANDBOX_OFF' && tries > 0 ? new SandformError('SANDBOX_GONE', { doing, given: outage.given }) : outage;
      try {
        await this.calls.ping();
        this.answers = true;
      } catch (error) {
        const failure = SandformError.from(error, doing);
        if (!PASSING.has(failure.code)) throw failure;
        if (performance.now() + PAUSE > end) throw new SandformError('GUEST_UNREACHABLE', { doing, given: `no answer within ${timeout} ms; at last: ${failure.given ?? failure.message}`, cause: failure });
        await pause(PAUSE, undefined, signal ? { signal } : {}).catch(() => undefined);
      }
    }
  }
}

/** What a later try may find changed. */
const PASSING: ReadonlySet<string> = new Set(['GUEST_UNREACHABLE', 'GUEST_PROTOCOL', 'LIBVIRT_FAILED', 'LIBVIRT_TIMEOUT']);
