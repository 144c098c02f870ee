/**
 * Entry of the event thread: the one worker of this process that runs libvirt's event loop.
 *
 * Its callbacks are called by the loop itself, so on this very thread: they never wait for another one, whatever it holds.
 * Should a second copy of this module live in the process (another realm), only one of the two runs the loop at a time;
 * the other stays free to be called back, and takes over when the first one stops.
 *
 * The thread sleeps while the loop is stopped, and never ends: libvirt may still hold the addresses of its callbacks, and
 * calling into a thread that is gone would end the process.
 */
import { parentPort } from 'node:worker_threads';
import koffi from 'koffi';
import { CallFailure, type Failure } from '../native/failure';
import type { EventCallbacks } from '../native/event-calls';
import { glib, initializeLibvirt, libvirt, type Pointer } from '../native/library';
import { uuidText } from '../native/memory';
import { PortReaders } from './port-readers';

/** What the event thread tells. `subscriber` and `port` are the ids that were given when subscribing. */
export type EventMessage =
  | { readonly kind: 'ready'; readonly callbacks: EventCallbacks }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'unusable'; readonly failure: Failure }
  | RawDomainEvent
  | { readonly kind: 'lost'; readonly subscriber: number; readonly reason: number }
  | { readonly kind: 'data'; readonly port: number; readonly data: Uint8Array }
  | { readonly kind: 'end'; readonly port: number; readonly failure?: Failure }
  | { readonly kind: 'detached'; readonly port: number };

/** One event of a domain, numbers not yet named; both are 0 for a reboot. `at` in milliseconds since 1970. */
export interface RawDomainEvent {
  readonly kind: 'lifecycle' | 'reboot' | 'agent';
  readonly subscriber: number;
  readonly uuid: string;
  readonly name: string;
  readonly at: number;
  readonly event: number;
  readonly detail: number;
}

/** What it can be told. */
export type EventCommand =
  | { readonly kind: 'run' }
  /** Answered by `stopped`. */
  | { readonly kind: 'stop' }
  /** A port of this id is about to be opened. */
  | { readonly kind: 'attach'; readonly port: number }
  /** That many bytes of the port were taken by its reader. */
  | { readonly kind: 'taken'; readonly port: number; readonly bytes: number }
  /** Never call back for the port again; answered by `detached`. */
  | { readonly kind: 'detach'; readonly port: number; readonly stream?: Pointer };

/** The longest time that one turn of the loop lasts: a process that ends without closing waits for it. */
const LONGEST_TURN_MS = 250;
/** How often to look whether the loop has become free, where another realm runs it. */
const TAKE_OVER_MS = 250;

/** How many turns are given to what libvirt still has to free when the loop stops. */
const LAST_TURNS = 100;

const post = (message: EventMessage) => parentPort?.postMessage(message);
const readers = new PortReaders(post);
let wanted = false;

try {
  initializeLibvirt();
  if (libvirt.virEventRegisterDefaultImpl() < 0) throw new CallFailure({ kind: 'defect', message: 'libvirt refused to register its event loop' });
  // Both libraries are there, or nobody gets a loop.
  glib.g_main_context_pending(null);
  const awake = callback('void', ['int', 'void *'], () => undefined);
  parentPort?.on('message', (command: EventCommand) => obey(command, awake));
  post({ kind: 'ready', callbacks: callbacks() });
} catch (error) {
  post({ kind: 'unusable', failure: error instanceof CallFailure ? error.failure : { kind: 'defect', message: String(error) } });
}

function obey(command: EventCommand, awake: Pointer): void {
  switch (command.kind) {
    case 'run':
      wanted = true;
      run(libvirt.virEventAddTimeout(LONGEST_TURN_MS, awake, null, null));
      break;
    case 'stop':
      wanted = false;
      break;
    case 'attach':
      readers.attach(command.port);
      break;
    case 'taken':
      readers.taken(command.port, command.bytes);
      break;
    case 'detach':
      readers.detach(command.port, command.stream);
      post({ kind: 'detached', port: command.port });
  }
}

function run(timeout: number): void {
  if (!wanted) {
    stop(timeout);
  } else if (glib.g_main_context_acquire(null) === 0) {
    setTimeout(run, TAKE_OVER_MS, timeout);
  } else {
    turn(timeout, LAST_TURNS);
  }
}

/** One turn of libvirt's loop, then one of this thread's own, in which commands are obeyed. */
function turn(timeout: number, lastTurns: number): void {
  if (!wanted && (lastTurns === 0 || glib.g_main_context_pending(null) === 0)) {
    glib.g_main_context_release(null);
    stop(timeout);
    return;
  }
  libvirt.virEventRunDefaultImpl();
  setImmediate(turn, timeout, wanted ? LAST_TURNS : lastTurns - 1);
}

function stop(timeout: number): void {
  libvirt.virEventRemoveTimeout(timeout);
  post({ kind: 'stopped' });
}

function callbacks(): EventCallbacks {
  const domainEvent = (kind: RawDomainEvent['kind']) => (_connection: unknown, domain: Pointer, event: number, detail: number, subscriber: Pointer | null) => {
    const uuid = uuidText((place) => libvirt.virDomainGetUUIDString(domain, place));
    post({ kind, subscriber: Number(subscriber), uuid, name: libvirt.virDomainGetName(domain) ?? '', at: Date.now(), event, detail });
    return 0;
  };
  const reboot = domainEvent('reboot');
  return {
    lifecycle: callback('int', ['void *', 'void *', 'int', 'int', 'void *'], domainEvent('lifecycle')),
    agent: callback('void', ['void *', 'void *', 'int', 'int', 'void *'], domainEvent('agent')),
    reboot: callback('void', ['void *', 'void *', 'void *'], (connection: Pointer, domain: Pointer, subscriber: Pointer | null) => reboot(connection, domain, 0, 0, subscriber)),
    closed: callback('void', ['void *', 'int', 'void *'], (_connection: Pointer, reason: number, subscriber: Pointer | null) =>
      post({ kind: 'lost', subscriber: Number(subscriber), reason }),
    ),
    stream: callback('void', ['void *', 'int', 'void *'], (stream: Pointer, events: number, port: Pointer | null) => readers.wake(Number(port), stream, events)),
  };
}

/** A native function that calls back on this thread, for as long as the process lives. */
function callback(result: string, parameters: string[], answer: (...given: never[]) => unknown): Pointer {
  return koffi.register(answer, koffi.pointer(koffi.proto(result, parameters)));
}
