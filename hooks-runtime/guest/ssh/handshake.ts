import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { SandformError } from '../../../lib/errors';
import { isEd25519Blob } from './client-key';

export interface HandshakeOptions {
  /** For messages. */
  readonly doing: string;
  /** Our key, as `ssh-ed25519 BASE64`. */
  readonly publicLine: string;
  readonly signal: AbortSignal;
  /** Milliseconds between repetitions of a SYNC that nobody answered. @default 1000 */
  readonly interval?: number;
  /** Bytes that may come before the answer. @default 4 MiB */
  readonly maxNoise?: number;
}

/** Longer lines are none of the protocol's: they are dropped without being kept. */
const LONGEST_LINE = 256;

/**
 * Agrees with the guest program on the keys of one SSH connection, over a fresh opening of its port
 * (the protocol is described in scripts/guests/README.md). What comes before the guest's answer is dropped: boot messages,
 * what an earlier connection left behind, or anything a hostile guest thinks of.
 *
 * Leaves the port paused, with the guest's SSH server starting at its other end.
 * @returns the host key that the guest answered with, in SSH's wire form
 * @throws SandformError `GUEST_UNREACHABLE` when the port closes, `GUEST_PROTOCOL` for too much noise, `INTERRUPTED` when aborted
 */
export async function shakeHands(port: Duplex, options: HandshakeOptions): Promise<Buffer> {
  const { doing, publicLine, signal, interval = 1000, maxNoise = 4 * 2 ** 20 } = options;
  const nonce = randomBytes(16).toString('hex');
  const sync = () => port.write(`\nSYNC ${nonce} ${publicLine}\n`);
  const repeat = setInterval(sync, interval);
  const cleared = new AbortController();
  try {
    sync();
    const hostKey = await new Promise<Buffer>((resolve, reject) => {
      const lines = new LineReader();
      let received = 0;
      const onData = (chunk: Buffer) => {
        received += chunk.length;
        for (const line of lines.push(chunk)) {
          const found = hostKeyOf(line, nonce);
          if (found) return void resolve(found);
          if (line === 'READY') sync();
        }
        if (received > maxNoise) reject(new SandformError('GUEST_PROTOCOL', { doing, given: `${received} bytes without an answer to the handshake` }));
      };
      const onEnd = (cause?: unknown) => reject(new SandformError('GUEST_UNREACHABLE', { doing, given: 'its port closed during the handshake', cause }));
      const onAbort = () => reject(new SandformError('INTERRUPTED', { doing }));
      port.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd);
      signal.addEventListener('abort', onAbort, { signal: cleared.signal });
      cleared.signal.addEventListener('abort', () => port.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd));
      if (signal.aborted) onAbort();
      else if (port.destroyed) onEnd();
    });
    port.write(`START ${nonce}\n`);
    return hostKey;
  } finally {
    clearInterval(repeat);
    port.pause();
    cleared.abort();
  }
}

function hostKeyOf(line: string, nonce: string): Buffer | undefined {
  const [, answered, base64] = /^ACK ([0-9A-Za-z]+) ssh-ed25519 ([0-9A-Za-z+/]{68})$/.exec(line) ?? [];
  if (answered !== nonce || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return isEd25519Blob(blob) ? blob : undefined;
}

/** Splits bytes into lines; of one that is too long nothing is kept but that it was. */
class LineReader {
  private rest = '';
  private tooLong = false;

  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      this.append(chunk.subarray(start, end));
      // A terminal line discipline may have put a carriage return before the line feed
      if (!this.tooLong) yield this.rest.replace(/\r$/, '');
      this.rest = '';
      this.tooLong = false;
      start = end + 1;
    }
    this.append(chunk.subarray(start));
  }

  private append(bytes: Buffer): void {
    if (this.tooLong || this.rest.length + bytes.length > LONGEST_LINE) {
      this.tooLong = true;
      this.rest = '';
    } else {
      this.rest += bytes.toString('latin1');
    }
  }
}
