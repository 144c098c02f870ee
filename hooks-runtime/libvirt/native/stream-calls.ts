import { type CallContext, connected } from './call-context';
import { checked } from './checked';
import { withDomain } from './domain-calls';
import { CallFailure } from './failure';
import { libvirt, type Pointer } from './library';
import { withVolume } from './storage-calls';

/**
 * A stream and the connection that it alone uses: libvirt's daemon stops reading from a client whose stream does not move,
 * so a guest that never reads its port must not share a connection with anything else.
 */
export interface StreamHandle {
  readonly connection: Pointer;
  readonly stream: Pointer;
}

/** A part of a volume, in bytes. `length` 0 means up to its end. */
export interface VolumeRange {
  readonly poolUuid: string;
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** A guest's port: a virtio-serial channel by its target name, or a console by its alias (the first one without). */
export type GuestPort = { readonly kind: 'channel'; readonly name: string; readonly force: boolean } | { readonly kind: 'console'; readonly name: string | null; readonly force: boolean };

/** Calls that open, move and end streams. All but those of guest ports block their thread. */
export const streamCalls = {
  domainScreenshot(context: CallContext, uuid: string, screen: number): { mimeType: string; data: Uint8Array } {
    return withDomain(context, uuid, (domain, connection) => {
      const stream = checked(connection, libvirt.virStreamNew(connection, 0));
      try {
        const mimeType = checked(connection, libvirt.virDomainScreenshot(domain, stream, screen, 0));
        const data = everything(connection, stream);
        checked(connection, libvirt.virStreamFinish(stream));
        return { mimeType, data };
      } catch (error) {
        libvirt.virStreamAbort(stream);
        throw error;
      } finally {
        libvirt.virStreamFree(stream);
      }
    });
  },

  uploadOpen: (context: CallContext, { poolUuid, name, offset, length }: VolumeRange, sparse: boolean): StreamHandle =>
    opened(context, 0, ({ connection, stream }) =>
      withVolume({ ...context, connection }, poolUuid, name, (volume) =>
        checked(connection, libvirt.virStorageVolUpload(volume, stream, offset, length, sparse ? SPARSE : 0)),
      ),
    ),

  downloadOpen: (context: CallContext, { poolUuid, name, offset, length }: VolumeRange): StreamHandle =>
    opened(context, 0, ({ connection, stream }) =>
      withVolume({ ...context, connection }, poolUuid, name, (volume) => checked(connection, libvirt.virStorageVolDownload(volume, stream, offset, length, 0))),
    ),

  portOpen: (context: CallContext, uuid: string, port: GuestPort, callback: Pointer, id: number): StreamHandle =>
    opened(context, NON_BLOCKING, ({ connection, stream }) => {
      withDomain({ ...context, connection }, uuid, (domain) => {
        const flags = port.force ? FORCE : 0;
        checked(connection, port.kind === 'channel' ? libvirt.virDomainOpenChannel(domain, port.name, stream, flags) : libvirt.virDomainOpenConsole(domain, port.name, stream, flags));
      });
      checked(connection, libvirt.virStreamEventAddCallback(stream, READABLE | ERROR | HANGUP, callback, BigInt(id), null));
    }),

  /** Sends it all. `sparse`: whole blocks of zeros go as holes. */
  streamSend(_context: CallContext, { connection, stream }: StreamHandle, data: Uint8Array, sparse: boolean): void {
    for (let offset = 0; offset < data.length; ) {
      const part = data.subarray(offset, offset + BLOCK);
      if (sparse && part.length === BLOCK && ZEROS.equals(part)) {
        checked(connection, libvirt.virStreamSendHole(stream, BLOCK, 0));
        offset += BLOCK;
      } else {
        offset += sent(connection, stream, part);
      }
    }
  },

  /** Up to `limit` bytes; fewer only at the end, none after it. */
  streamReceive: (_context: CallContext, { connection, stream }: StreamHandle, limit: number): Uint8Array => received(connection, stream, limit),

  /** Waits until the other side has taken everything, and frees the stream. */
  streamFinish(_context: CallContext, handle: StreamHandle): void {
    try {
      checked(handle.connection, libvirt.virStreamFinish(handle.stream));
    } finally {
      released(handle);
    }
  },

  /** Ends it as it is, and frees it. Never fails. */
  streamAbort(_context: CallContext, handle: StreamHandle): void {
    libvirt.virStreamAbort(handle.stream);
    released(handle);
  },
};

export const READABLE = 1;
const ERROR = 4;
const HANGUP = 8;
/** What {@link libvirt} answers where a stream that does not block would have to. */
export const WOULD_BLOCK = -2;

const NON_BLOCKING = 1;
const FORCE = 1;
const SPARSE = 1;
/** libvirt's own packets hold 256 KiB less some header. */
const BLOCK = 0x10000;
const ZEROS = Buffer.alloc(BLOCK);
/** A 4k screen as PPM has 25 MB. */
const LARGEST_SCREENSHOT = 128 * 1024 * 1024;
const RETRY_MS = 5;

function opened({ target }: CallContext, flags: number, begin: (handle: StreamHandle) => unknown): StreamHandle {
  const connection = connected(target);
  try {
    const stream = checked(connection, libvirt.virStreamNew(connection, flags));
    try {
      begin({ connection, stream });
      return { connection, stream };
    } catch (error) {
      libvirt.virStreamFree(stream);
      throw error;
    }
  } catch (error) {
    libvirt.virConnectClose(connection);
    throw error;
  }
}

function released({ connection, stream }: StreamHandle): void {
  libvirt.virStreamFree(stream);
  libvirt.virConnectClose(connection);
}

/**
 * How many bytes the stream took. The remote driver takes all it is given, blocking or not; for drivers within the
 * process that say "would block" this thread waits in their stead.
 */
function sent(connection: Pointer, stream: Pointer, data: Uint8Array): number {
  for (;;) {
    const count = libvirt.virStreamSend(stream, data, data.length);
    if (count !== WOULD_BLOCK) return checked(connection, count);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }
}

function received(connection: Pointer, stream: Pointer, limit: number): Uint8Array {
  const data = new Uint8Array(limit);
  let filled = 0;
  while (filled < limit) {
    const count = checked(connection, libvirt.virStreamRecv(stream, data.subarray(filled), limit - filled));
    if (count === 0) break;
    filled += count;
  }
  return data.slice(0, filled);
}

function everything(connection: Pointer, stream: Pointer): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const part = received(connection, stream, BLOCK);
    if (part.length === 0) return Buffer.concat(parts, total);
    parts.push(part);
    total += part.length;
    if (total > LARGEST_SCREENSHOT) throw new CallFailure({ kind: 'defect', message: `a picture of more than ${LARGEST_SCREENSHOT} bytes` });
  }
}
