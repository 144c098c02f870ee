import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { SandformError } from '../../lib/errors';
import { nearestAncestor } from '../processes';
import type { TerraformKnowledge } from '../reap';

const MOST_BYTES = 256 * 2 ** 20;
const PATIENCE_MS = 60_000;

interface State {
  readonly resources?: readonly { readonly type?: string; readonly instances?: readonly { readonly attributes?: Readonly<Record<string, unknown>> | null }[] }[];
}

/**
 * What the state holds of the very Terraform that this process works for, whatever backend it has.
 * @throws SandformError `TERRAFORM_FAILED` where it is not found or does not give its state
 */
export async function terraformKnowledge(signal: AbortSignal): Promise<TerraformKnowledge> {
  const doing = 'reading the state of the Terraform that deploys';
  const terraform = nearestAncestor(process.pid, ['terraform', 'tofu']);
  if (terraform === undefined) throw new SandformError('TERRAFORM_FAILED', { doing, given: 'a companion that no Terraform started' });
  try {
    // It was started in the folder of the configuration, and its workspace, backend and credentials are in the environment.
    const { stdout } = await promisify(execFile)(readlinkSync(`/proc/${terraform.pid}/exe`), ['state', 'pull'], { signal, timeout: PATIENCE_MS, maxBuffer: MOST_BYTES, env: quiet(process.env) });
    const { resources = [] } = JSON.parse(stdout || '{}') as State;
    const idsOf = (isMeant: (type: string) => boolean) => new Set(resources.filter(({ type = '' }) => isMeant(type)).flatMap(({ instances = [] }) => instances.flatMap(({ attributes }) => ids(attributes ?? {}))));
    return { given: idsOf((type) => type === 'terraform_data'), made: idsOf((type) => type.startsWith('libvirt_')) };
  } catch (cause) {
    throw new SandformError('TERRAFORM_FAILED', { doing, given: 'an answer that cannot be read', cause });
  }
}

/** By whichever of these a generation of the provider names a thing. */
function ids({ id, uuid, key, path }: Readonly<Record<string, unknown>>): string[] {
  return [id, uuid, key, path].filter((value) => typeof value === 'string');
}

/** Without what would mix logs or other arguments into the answer. */
function quiet(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^TF_(LOG|CLI_ARGS)/.test(name)));
}
