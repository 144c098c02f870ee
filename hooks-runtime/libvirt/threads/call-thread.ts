/**
 * Entry of a call thread: a worker that answers one libvirt call after the other over a connection of its own.
 * It ends when it is told to close.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type CallContext, connected, type Target } from '../native/call-context';
import { calls } from '../native/calls';
import { CallFailure, type Failure } from '../native/failure';
import { initializeLibvirt, libvirt } from '../native/library';

/** What a call thread is asked: a call, or to close its connection and end. */
export type CallRequest = { readonly name: string; readonly given: readonly unknown[] } | { readonly close: true };

/** Its answer, one for each request in order. */
export type CallAnswer = { readonly result: unknown } | { readonly failure: Failure };

const target = workerData as Target;
let context: CallContext | undefined;

parentPort?.on('message', (request: CallRequest) => {
  parentPort?.postMessage('close' in request ? closed() : answered(request.name, request.given));
  if ('close' in request) parentPort?.close();
});

function answered(name: string, given: readonly unknown[]): CallAnswer {
  try {
    const all: Record<string, ((context: CallContext, ...given: readonly never[]) => unknown) | undefined> = calls;
    return { result: all[name]?.(open(), ...(given as readonly never[])) };
  } catch (error) {
    return { failure: error instanceof CallFailure ? error.failure : { kind: 'defect', message: String(error) } };
  }
}

function open(): CallContext {
  if (context) return context;
  initializeLibvirt();
  context = { connection: connected(target), target };
  return context;
}

function closed(): CallAnswer {
  if (context) libvirt.virConnectClose(context.connection);
  return { result: undefined };
}
