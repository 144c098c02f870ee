import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { COMPANION_ENVIRONMENT } from '../../lib/companion';
import { nearestAncestor, parentOf, type ProcessIdentity, processIdentity, programOf, runningProcesses } from '../processes';

/** A Terraform, a provider of one, or a companion that is only starting, which works on a stack that Sandform synthesized. */
export interface TerraformWorker {
  readonly process: ProcessIdentity;
  readonly program: string;
  readonly stack: string;
  /** libvirt URI of the host that it works on. */
  readonly uri: string;
  /** Whether who started it is gone. */
  readonly orphaned: boolean;
}

const TERRAFORM = /^(terraform|tofu)$/;
const PROVIDER = /^terraform-provider-libvirt/;

/** All that run on this machine and that this user may look at. */
export function terraformWorkers(): TerraformWorker[] {
  return runningProcesses().flatMap((pid) => {
    const program = programOf(pid) ?? '';
    const identity = processIdentity(pid);
    const work = workOf(pid);
    if (identity === undefined || work === undefined) return [];
    const parent = parentOf(pid) ?? 1;
    if (TERRAFORM.test(program)) return [{ process: identity, program, ...work, orphaned: parent === 1 }];
    if (PROVIDER.test(program)) return [{ process: identity, program, ...work, orphaned: !TERRAFORM.test(programOf(parent) ?? '') }];
    // Its shell, and itself before it is on the list of ours: a third of a second, in which its Terraform may have died.
    return isCompanion(pid) ? [{ process: identity, program: 'sandform companion', ...work, orphaned: nearestAncestor(pid, ['terraform', 'tofu']) === undefined }] : [];
  });
}

function isCompanion(pid: number): boolean {
  try {
    return variableOf(pid, COMPANION_ENVIRONMENT.input) !== undefined;
  } catch {
    // It has ended.
    return false;
  }
}

/** Stack and host by the synthesized folder in which it works; undefined where that is none of ours. */
function workOf(pid: number): { stack: string; uri: string } | undefined {
  try {
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    const [, stack] = /\/cdkt[fn]\.out\/stacks\/([^/]+)$/.exec(folder) ?? [];
    const text = stack === undefined ? '' : readFileSync(join(folder, 'cdk.tf.json'), 'utf8');
    return stack === undefined || !text.includes('SANDFORM_COMPANION') ? undefined : { stack, uri: declaredUri(text) ?? variableOf(pid, 'LIBVIRT_DEFAULT_URI') ?? 'qemu:///system' };
  } catch {
    // It has ended, belongs to somebody else, or its folder is gone: none that could be judged.
    return undefined;
  }
}

function declaredUri(synthesized: string): string | undefined {
  const { provider } = JSON.parse(synthesized) as { provider?: { libvirt?: readonly { uri?: unknown }[] } };
  const uri = provider?.libvirt?.[0]?.uri;
  return typeof uri === 'string' ? uri : undefined;
}

function variableOf(pid: number, name: string): string | undefined {
  const variable = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').find((entry) => entry.startsWith(`${name}=`));
  return variable?.slice(name.length + 1);
}
