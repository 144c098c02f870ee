import type { Duplex, Readable } from 'node:stream';
import type { Client } from 'ssh2';

/** Bytes that may come in between two looks at what waits unread. */
const LOOK_EVERY = 2 ** 22;
/** Unread bytes of one stream: ssh2 offers windows of 2 MiB, so an honest server stays below twice that. */
const MOST_UNREAD = 2 ** 23;

interface ChannelStreams extends Readable {
  readonly stderr: Readable;
}

/** The part of ssh2's client that knows its channels; not in its public interface (ssh2 is pinned to the version that this fits). */
interface WithChannels {
  readonly _chanMgr: { _channels: Record<string, unknown>; update(id: number, channel: unknown): void };
}

/**
 * Closes two doors that ssh2 leaves open to a hostile server: data after the end of a stream would be an `error` event that
 * nobody can hear yet, which ends the process; and data beyond the window that was offered would fill the memory.
 */
export function guardChannels(client: Client, port: Duplex, onFlood: (what: string) => void): void {
  const channels = (client as unknown as WithChannels)._chanMgr;
  const update = channels.update.bind(channels);
  channels.update = (id, channel) => {
    for (const stream of streamsOf(channel)) stream.on('error', () => undefined);
    update(id, channel);
  };
  let received = 0;
  port.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received < LOOK_EVERY) return;
    received = 0;
    const flooded = Object.values(channels._channels).flatMap(streamsOf).some((stream) => stream.readableLength > MOST_UNREAD);
    if (flooded) onFlood('more output than it was allowed to send');
  });
}

/** None for a channel that is still opening, and for SFTP, which keeps nothing. */
function streamsOf(channel: unknown): Readable[] {
  if (typeof channel !== 'object' || channel === null || !('readableLength' in channel)) return [];
  const streams = channel as ChannelStreams;
  return [streams, streams.stderr];
}
