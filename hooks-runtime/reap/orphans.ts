import { endProcess, isAlive, parentOf, type ProcessIdentity, registeredProcesses } from '../processes';
import type { ReapItem } from './reap-item';
import { choosesSandboxes, type ReapSelection } from './selection';
import { terraformWorkers } from './terraform-worker';

/** A process of ours that works on a host. */
interface Worker {
  readonly process: ProcessIdentity;
  readonly name: string;
  readonly stack: string | undefined;
  /** Whether whom it worked for is gone. */
  readonly orphaned: boolean;
}

/**
 * Processes to end: those that work on this host and that nobody waits for any more, of the stack chosen; with everything
 * chosen all of ours but the caller and its ancestors. Single sandboxes have none.
 */
export function processItems(uri: string, selection: ReapSelection): ReapItem[] {
  if (choosesSandboxes(selection)) return [];
  const above = new Set(ancestorsOf(process.pid));
  return workersOn(uri)
    .filter(({ process: { pid } }) => !above.has(pid))
    .filter(({ stack, orphaned }) => (selection.stack === undefined ? selection.all === true : orphaned && (stack === undefined || stack === selection.stack)))
    .map(({ process: identity, name, stack }) => ({ kind: 'process', name: `${name} (${identity.pid})`, ...(stack === undefined ? {} : { stack }), remove: () => endProcess(identity) }));
}

/** All of ours on this host whose employer is gone, whatever their stack. */
export function orphanedProcesses(uri: string): { readonly pid: number; readonly name: string }[] {
  return workersOn(uri).flatMap(({ orphaned, process: { pid }, name }) => (orphaned ? [{ pid, name }] : []));
}

function workersOn(uri: string): Worker[] {
  const registered = registeredProcesses()
    .filter((entry) => entry.uri === undefined || entry.uri === uri)
    .map(({ process: identity, what, address, worksFor }) => ({ process: identity, name: `sandform ${what}`, stack: address?.split('/')[0], orphaned: worksFor !== undefined && !isAlive(worksFor) }));
  const listed = new Set(registered.map(({ process: { pid } }) => pid));
  const terraforming = terraformWorkers().filter((worker) => worker.uri === uri && !listed.has(worker.process.pid));
  return [...registered, ...terraforming.map(({ program, ...worker }) => ({ name: program, ...worker }))];
}

function ancestorsOf(pid: number): number[] {
  const parent = parentOf(pid);
  return parent === undefined || parent <= 1 ? [pid] : [pid, ...ancestorsOf(parent)];
}
