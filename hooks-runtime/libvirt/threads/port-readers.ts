import { checked } from '../native/checked';
import { CallFailure, type Failure } from '../native/failure';
import { libvirt, type Pointer } from '../native/library';
import { READABLE, WOULD_BLOCK } from '../native/stream-calls';
import type { EventMessage } from './event-thread';

/**
 * Bytes of one port that may wait for its reader. There is no way to make the guest wait: libvirt's client takes in whatever
 * the daemon sends, without bound, so what a guest sends too much of must be received and counted to be bounded at all.
 */
const MOST_UNDERWAY = 32 * 1024 * 1024;
/** Bytes taken at one call of libvirt, so that one busy port does not keep the others waiting. */
const MOST_AT_ONCE = 1024 * 1024;
const PIECE = 64 * 1024;

interface Reader {
  /** Bytes handed on and not yet taken. */
  underway: number;
  ended: boolean;
}

/** Reads guests' ports as libvirt says that they are readable, and hands on what they say. */
export class PortReaders {
  readonly #readers = new Map<number, Reader>();
  readonly #piece = Buffer.alloc(PIECE);

  constructor(private readonly post: (message: EventMessage) => void) {}

  /** From now on the port is known. */
  attach(port: number): void {
    this.#readers.set(port, { underway: 0, ended: false });
  }

  /**
   * libvirt says that something happened on a port's stream, and says so again until it was dealt with.
   * For a port that is not yet known, or gone, nothing happens.
   */
  wake(port: number, stream: Pointer, events: number): void {
    const reader = this.#readers.get(port);
    if (!reader || reader.ended) return;
    try {
      if (!(events & READABLE) || this.#read(port, reader, stream) === 'end') this.#end(port, reader, stream);
    } catch (error) {
      this.#end(port, reader, stream, error instanceof CallFailure ? error.failure : { kind: 'defect', message: String(error) });
    }
  }

  /** The reader took that many bytes. */
  taken(port: number, bytes: number): void {
    const reader = this.#readers.get(port);
    if (reader) reader.underway -= bytes;
  }

  /** libvirt will not name the port again. Here, because only on this thread no callback can be under way. */
  detach(port: number, stream: Pointer | undefined): void {
    if (stream !== undefined) libvirt.virStreamEventRemoveCallback(stream);
    this.#readers.delete(port);
  }

  #read(port: number, reader: Reader, stream: Pointer): 'end' | 'more' {
    for (let bytes = 0; bytes < MOST_AT_ONCE; ) {
      const count = libvirt.virStreamRecv(stream, this.#piece, PIECE);
      if (count === WOULD_BLOCK) return 'more';
      if (checked(null, count) === 0) return 'end';
      bytes += count;
      reader.underway += count;
      if (reader.underway > MOST_UNDERWAY) throw new CallFailure({ kind: 'flood', limit: MOST_UNDERWAY });
      this.post({ kind: 'data', port, data: new Uint8Array(this.#piece.subarray(0, count)) });
    }
    return 'more';
  }

  /** The port ends; libvirt would say so again and again. */
  #end(port: number, reader: Reader, stream: Pointer, failure?: Failure): void {
    reader.ended = true;
    libvirt.virStreamEventUpdateCallback(stream, 0);
    this.post({ kind: 'end', port, ...(failure && { failure }) });
  }
}
