import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, isAlive, parentOf, type ProcessIdentity, processIdentity, programOf, registeredProcesses, runningProcesses } from '../processes';
import type { ReapItem } from './reap-item';
import { choosesSandboxes, type ReapSelection } from './selection';

/** A process that works on a stack of ours. */
interface Worker {
  readonly process: ProcessIdentity;
  readonly name: string;
  readonly stack: string | undefined;
  /** Whether whom it worked for is gone. */
  readonly orphaned: boolean;
}

/**
 * Processes to end: those that nobody waits for any more, of the stack chosen; with everything chosen all of ours but the
 * caller and its ancestors. Single sandboxes have none.
 */
export function processItems(selection: ReapSelection): ReapItem[] {
  if (choosesSandboxes(selection)) return [];
  const above = new Set(ancestorsOf(process.pid));
  return [...registered(), ...terraforming()]
    .filter(({ process: { pid } }) => !above.has(pid))
    .filter(({ stack, orphaned }) => (selection.stack === undefined ? selection.all === true : orphaned && stack === selection.stack))
    .map(({ process: identity, name, stack }) => ({ kind: 'process', name: `${name} (${identity.pid})`, ...(stack === undefined ? {} : { stack }), remove: () => endProcess(identity) }));
}

/** All of ours whose employer is gone, whatever their stack. */
export function orphanedProcesses(): { readonly pid: number; readonly name: string }[] {
  return [...registered(), ...terraforming()].filter(({ orphaned }) => orphaned).map(({ process: { pid }, name }) => ({ pid, name }));
}

function registered(): Worker[] {
  return registeredProcesses().map(({ process: identity, what, address, worksFor }) => ({
    process: identity,
    name: `sandform ${what}`,
    stack: address?.split('/')[0],
    orphaned: worksFor !== undefined && !isAlive(worksFor),
  }));
}

const TERRAFORM = /^(terraform|tofu)$/;
const PROVIDER = /^terraform-provider-libvirt/;

/** Terraform and its providers, where they work on a stack that Sandform synthesized. */
function terraforming(): Worker[] {
  return runningProcesses().flatMap((pid) => {
    const program = programOf(pid) ?? '';
    const isProvider = PROVIDER.test(program);
    const stack = isProvider || TERRAFORM.test(program) ? stackOf(pid) : undefined;
    const identity = stack === undefined ? undefined : processIdentity(pid);
    if (identity === undefined) return [];
    const parent = parentOf(pid) ?? 1;
    const orphaned = parent === 1 || (isProvider && !TERRAFORM.test(programOf(parent) ?? ''));
    return [{ process: identity, name: program, stack, orphaned }];
  });
}

/** The stack in whose synthesized folder a process works; undefined where the folder is none of ours. */
function stackOf(pid: number): string | undefined {
  try {
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    const [, stack] = /\/cdkt[fn]\.out\/stacks\/([^/]+)$/.exec(folder) ?? [];
    return stack !== undefined && readFileSync(join(folder, 'cdk.tf.json'), 'utf8').includes('SANDFORM_COMPANION') ? stack : undefined;
  } catch {
    // It has ended, belongs to somebody else, or its folder is gone: none that we could judge.
    return undefined;
  }
}

function ancestorsOf(pid: number): number[] {
  const parent = parentOf(pid);
  return parent === undefined || parent <= 1 ? [pid] : [pid, ...ancestorsOf(parent)];
}
