/**
 * Deployed sandboxes from code.
 * @module sandform/runtime
 */
import type { ConnectOptions, Sandbox } from './sandbox';
import { connect as connectSandbox } from './sandbox';
import { type ObserveOptions, type RunResult, observe } from './run';

/** A connected sandbox that can also be observed: see {@link observe}. */
export interface ConnectedSandbox extends Sandbox {
  /** Runs hooks and a command against it, keeps a record, writes a report. */
  observe(options?: ObserveOptions): Promise<RunResult>;
}

/**
 * Connects to a deployed sandbox, on or off. Needs nothing but its host: no Terraform state, no source.
 * @param address `STACK/SANDBOX`
 * @throws SandformError `ADDRESS_INVALID`, `SANDBOX_NOT_FOUND`, `LIBVIRT_NOT_INSTALLED`, `LIBVIRT_UNREACHABLE`, `LIBVIRT_TIMEOUT`, `LIBVIRT_LOST`, `INTERRUPTED`
 */
export async function connect(address: string, options?: ConnectOptions): Promise<ConnectedSandbox> {
  const sandbox = await connectSandbox(address, options);
  return Object.assign(sandbox, { observe: (what?: ObserveOptions) => observe(sandbox, what) });
}

export type { EventBus, EventHandler, SubscribeOptions } from './events';
export { type Hook, type HookContext, type InlineHook, inlineHook } from './hooks';
export type { DeployedSandbox } from './inventory';
export type { Power } from './lifecycle';
export { type ReapOptions, type ReapReport, type ReapSelection, reap } from './reap';
export { RunRecord, findRun, listRuns, writeReport } from './record';
export { type ObserveOptions, type RunResult, observe } from './run';
export type * from './sandbox';
export { SandformError, type ErrorCode, type ErrorDocument } from '../lib/errors';
