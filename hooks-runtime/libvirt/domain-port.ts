import { Duplex } from 'node:stream';
import { SandformError } from '../../lib/errors';
import type { GuestPort, StreamHandle } from './native/stream-calls';
import type { Session } from './session';
import { LONG_CALL_MS } from './threads/call-threads';

/**
 * A guest's virtio-serial channel or console as a Duplex of bytes. What comes in is data from the guest.
 *
 * Waiting for data holds no thread. A guest that does not read makes `write` wait, and hurts nobody else: each port has a
 * native connection of its own; after half a minute the port is destroyed with `GUEST_UNREACHABLE`. A guest cannot be made
 * to wait: where 32 MiB lie here unread, the port is destroyed with `GUEST_FLOOD`.
 *
 * The port closes when it is destroyed, and after `end()` once everything was written, for such a port has no half-open
 * state. It ends when the guest stops, is destroyed with `LIBVIRT_FAILED` when another client takes it by force, with
 * `LIBVIRT_LOST` where libvirt goes, and without an error when the connection is closed.
 */
export class DomainPort extends Duplex {
  /** @throws SandformError `LIBVIRT_NOT_FOUND`; `LIBVIRT_FAILED` where the domain is off, has no such port, or the port is taken */
  static async open(session: Session, uuid: string, guestPort: GuestPort, doing: string): Promise<DomainPort> {
    const port = new DomainPort(session, doing);
    try {
      const options = { doing, lane: 'guest', unclaimed: (handle: StreamHandle) => port.#release(handle) } as const;
      port.#handle = await session.threads.run('portOpen', options, uuid, guestPort, session.loop.callbacks.stream, port.#id);
      return port;
    } catch (error) {
      port.destroy();
      throw error;
    }
  }

  readonly #id: number;
  #handle: StreamHandle | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** Bytes handed to a reader that asked for no more; taken once it does. */
  #untaken = 0;

  private constructor(
    private readonly session: Session,
    private readonly doing: string,
  ) {
    super({ allowHalfOpen: false, readableHighWaterMark: BUFFER, writableHighWaterMark: BUFFER });
    this.#id = session.loop.attachPort({
      data: (data) => this.#arrived(data),
      end: (error) => this.#guestEnded(error),
    });
    session.ended.addEventListener('abort', this.#onSessionEnd, { once: true });
    this.once('finish', () => this.destroy());
  }

  override _read(): void {
    if (this.#untaken === 0) return;
    this.session.loop.taken(this.#id, this.#untaken);
    this.#untaken = 0;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.session.ended.removeEventListener('abort', this.#onSessionEnd);
    this.#release(this.#handle);
    done(error);
  }

  readonly #onSessionEnd = () => this.destroy(this.session.lost ? (this.session.ended.reason as SandformError) : undefined);

  #arrived(data: Uint8Array): void {
    if (this.destroyed || this.readableEnded) return;
    this.#untaken += data.length;
    if (this.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength))) this._read();
  }

  #guestEnded(error: SandformError | undefined): void {
    if (this.destroyed) return;
    if (error) this.destroy(error);
    else this.push(null);
  }

  #send(data: Buffer, done: (error?: Error | null) => void): void {
    const handle = this.#handle;
    if (!handle) return;
    // A tight copy: what crosses threads takes its whole backing store along.
    const call = this.session.threads.run('streamSend', { doing: `writing after ${this.doing}`, lane: 'guest', deadline: LONG_CALL_MS }, handle, new Uint8Array(data), false);
    this.#sending = call.then(
      () => done(),
      (error: unknown) => done(this.session.ended.aborted ? (error as SandformError) : unread(error as SandformError)),
    );
  }

  /** Frees the native side, once no thread uses it any more. */
  #release(handle: StreamHandle | undefined): void {
    this.session.cleanUp(async () => {
      await this.#sending;
      await this.session.loop.detachPort(this.#id, handle?.stream);
      if (handle) await this.session.threads.run('streamAbort', { doing: `closing after ${this.doing}`, lane: 'guest', cleanup: true }, handle);
    });
  }
}

const BUFFER = 256 * 1024;

/** libvirt gives up the native connection of a port that did not move for half a minute. */
function unread(error: SandformError): SandformError {
  if (error.code !== 'LIBVIRT_LOST') return error;
  return new SandformError('GUEST_UNREACHABLE', { doing: error.doing, given: 'it did not read what was sent to it for half a minute', cause: error });
}
