import { resolve } from 'node:path';
import { accessSync, constants } from 'node:fs';
import { SandformError, messageOf } from '../../lib/errors';
import { hypervisorUri } from '../../lib/naming';
import { type NetworkDeclaration, type SeeDeclaration, mountSource } from '../../lib/see';
import { Duration } from '../../lib/units';
import type { Hook } from '../hooks';
import type { CommandContext } from './command-context';
import { SANDBOX, runOnce } from './run-ad-hoc';
import { type SeeOptions, readSeeConfiguration } from './see-configuration';
import { tellNotes } from './see-notes';

export interface SeeRunOptions extends SeeOptions {
  readonly uri?: string;
  readonly sample?: string;
  readonly command: string;
  readonly addressTimeout: Duration;
  readonly wait: Duration;
  readonly shutdownTimeout: Duration;
  readonly ttl?: Duration;
  readonly runs?: string;
  readonly keep?: boolean;
  /** Stops once everything has been checked. */
  readonly check?: boolean;
}

/** What is left of the time that a sandbox may live when its run has ended as planned. */
const SPARE_MS = 3_600_000;

/** Runs what SEE's configurations describe, by SEE's customary protocol. @returns the exit code to end with */
export async function runSee(context: CommandContext, options: SeeRunOptions): Promise<number> {
  const { declaration, login, notes } = readSeeConfiguration(options);
  const hooks = await hooksOf(declaration, options);
  tellNotes(context.reporter, notes);
  if (options.check === true) {
    context.reporter.result({ isFit: true, notes }, () => 'The configuration can be run; nothing was made.');
    return 0;
  }
  const { resolveUri } = await import('../host');
  const { AdHocProject, pickSubnet } = await import('../adhoc');
  const named = options.uri ?? declaration.uri ?? (await resolveUri(undefined));
  // Containers are reached by way of it.
  const uri = declaration.hypervisor === 'lxc' ? (hypervisorUri(named, 'qemu') ?? named) : named;
  const networks = await Promise.all(declaration.networks.map(async (network) => ({ ...network, ...(isPicked(network) ? { subnet: await pickSubnet(uri, network.pick) } : {}) })));
  const { addressTimeout, wait, shutdownTimeout } = options;
  const life = Duration.milliseconds(addressTimeout.milliseconds + wait.milliseconds + shutdownTimeout.milliseconds + SPARE_MS);
  const { hooks: _hooks, uri: _uri, ...rest } = declaration;
  const see = { ...rest, networks, hooks: [] };
  const stack = AdHocProject.newStack();
  const shared = rest.hypervisor === 'lxc' ? rest.mounts.filter(({ isPerSandbox }) => isPerSandbox).map((mount) => mountSource(mount, stack)) : [];
  const description = { app: 'sandform-see', stack, sandbox: SANDBOX, ttl: (options.ttl ?? life).toString(), see };
  return runOnce(context, description, { uri, hooks, shared, ...(login === undefined ? {} : { login }), beside: { notes }, keep: options.keep === true, ...(options.runs === undefined ? {} : { runs: options.runs }) });
}

/** A network that gets a subnet of its range when it is made. */
function isPicked(network: NetworkDeclaration): network is Extract<NetworkDeclaration, { readonly forward: unknown }> & { readonly pick: { readonly range: string; readonly prefix: number } } {
  return 'forward' in network && network.pick !== undefined;
}

/** Those of the configuration in their order, then the protocol. */
async function hooksOf(declaration: SeeDeclaration, { sample, command, addressTimeout, wait, shutdownTimeout }: SeeRunOptions): Promise<Hook[]> {
  if (sample !== undefined) checkSample(sample, command, declaration);
  const classes = await import('../hooks');
  const { SeeProtocol } = classes;
  const own = declaration.hooks.map(({ export: name, config }) => new classes[name](config as never));
  const protocol = new SeeProtocol({
    command,
    ...{ address: addressTimeout.toString(), wait: wait.toString(), shutdown: shutdownTimeout.toString() },
    ...(sample === undefined ? {} : { sample: resolve(sample) }),
  });
  return [...own, protocol];
}

function checkSample(sample: string, command: string, { hooks }: SeeDeclaration): void {
  const doing = 'looking at the sample';
  try {
    accessSync(sample, constants.R_OK);
  } catch (cause) {
    throw new SandformError('SEE_INVALID', { doing, given: messageOf(cause), expected: 'a file that can be read', cause });
  }
  if (!command.includes('{sample}')) throw new SandformError('SEE_INVALID', { doing, given: `--command ${command}`, expected: 'a command with {sample} in it' });
  if (hooks.some((hook) => hook.export === 'SeeAgent')) return;
  throw new SandformError('SEE_INVALID', { doing, given: 'hooks without a CommandsHook', expected: 'a hook that runs the sample in the guest', fix: 'add plugins.commands.CommandsHook with the agent-port to the hooks, or run without --sample' });
}
