import { existsSync } from 'node:fs';
import { cacheFolder, isAmbiguousSession, libvirtUri } from '../../lib';
import { hardwareAccelerationWorks } from './accelerator';
import { readInstanceState } from './instance-state';
import { isAlive } from '../processes';
import { findProgram } from './program';
import { mayUseSystem, mayWrite, sessionUri } from './session-daemon';

/** libvirt's own default, when nothing says otherwise. */
const SYSTEM_URI = 'qemu:///system';

/**
 * The libvirt that is meant: the one named, else LIBVIRT_DEFAULT_URI, else a libvirt of our own that runs under the name
 * 'default', else the machine's, or for a user who may not use that their own.
 */
export function resolveUri(explicit?: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  return Promise.resolve(explicit || environment['LIBVIRT_DEFAULT_URI'] || ownUri() || (mayUseSystem() ? SYSTEM_URI : sessionUri(environment)));
}

export interface ToolEnvironment {
  /** What has to be set beside what is set already. */
  readonly variables: Readonly<Record<string, string>>;
  /** Why, one sentence each, for people. */
  readonly notes: readonly string[];
}

/** Files that the set-up of a machine without the registries' providers or tools leaves in the cache folder. */
export function toolchainFiles(environment: NodeJS.ProcessEnv = process.env): { readonly cliConfiguration: string; readonly tofu: string } {
  const folder = `${cacheFolder(environment)}/terraform`;
  return { cliConfiguration: `${folder}/cli.tfrc`, tofu: `${folder}/bin/tofu` };
}

/** The variables that cdktf, Terraform and our constructs need on this machine. What the user has set stays as it is. */
export async function toolEnvironment(environment: NodeJS.ProcessEnv = process.env): Promise<ToolEnvironment> {
  const variables: Record<string, string> = {};
  const notes: string[] = [];
  const set = (name: string, value: string, note: string): void => {
    if (environment[name]) return;
    variables[name] = value;
    notes.push(`${name}: ${note}`);
  };
  set('CHECKPOINT_DISABLE', '1', 'neither Terraform nor cdktf calls home');
  set('DISABLE_VERSION_CHECK', '1', 'cdktf does not look for newer versions of itself');

  const { cliConfiguration, tofu } = toolchainFiles(environment);
  const program = findProgram('terraform') ? undefined : findProgram('tofu') ? 'tofu' : existsSync(tofu) ? tofu : undefined;
  if (program) set('TERRAFORM_BINARY_NAME', program, 'OpenTofu is what is installed here');

  const ownConfiguration = environment['TF_CLI_CONFIG_FILE'];
  if (existsSync(cliConfiguration) && (!ownConfiguration || ownConfiguration === cliConfiguration || !existsSync(ownConfiguration))) {
    variables['TF_CLI_CONFIG_FILE'] = cliConfiguration;
    notes.push('TF_CLI_CONFIG_FILE: the libvirt provider comes from a mirror in the cache folder');
    set('CDKTF_SKIP_PROVIDER_LOCK', 'true', 'cdktf would ask the registry in spite of the mirror');
    set('SANDFORM_PROVIDER', '0.8', 'the generation of the libvirt provider that the mirror has');
  }

  const uri = ownUri();
  const given = environment['LIBVIRT_DEFAULT_URI'];
  if (uri) set('LIBVIRT_DEFAULT_URI', uri, 'a libvirt of our own runs');
  else if (given && isAmbiguousSession(given) && !libvirtUri(given).isRemote) {
    variables['LIBVIRT_DEFAULT_URI'] = sessionUri(environment);
    notes.push("LIBVIRT_DEFAULT_URI: Terraform's provider finds a user's own libvirt by its socket alone");
  } else if (!mayUseSystem()) set('LIBVIRT_DEFAULT_URI', sessionUri(environment), 'your own libvirt, without root: `npx sandform host up` starts it');

  const isOwn = libvirtUri(variables['LIBVIRT_DEFAULT_URI'] ?? given ?? '').isSession;
  const acceleration = await hardwareAccelerationWorks({ asThisUser: isOwn });
  if (!acceleration.works) set('SANDFORM_ACCELERATOR', 'tcg', `guests are emulated: ${acceleration.reason}`);
  return { variables, notes };
}

/** The URI of the instance 'default', if its process lives and this user may use it. Whether it answers is for whoever connects to find out. */
function ownUri(): string | undefined {
  const state = readInstanceState('default');
  return state && isAlive(state.process) && mayWrite(libvirtUri(state.uri).socket ?? '') ? state.uri : undefined;
}
