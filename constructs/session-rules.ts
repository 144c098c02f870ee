import { SESSION_FIX, SESSION_LOSSES, type SandformError, type SessionLossName, isAmbiguousSession } from '../lib';
import type { Mistakes } from './mistakes';
import type { Sandbox } from './sandbox';
import { SandboxNetwork } from './sandbox-network';
import { StackContext } from './stack-context';

/** What of a network a user's own libvirt can't keep, nor QEMU in its place. */
export function sessionNetworkMistakes({ forward, network6 }: SandboxNetwork, mistakes: Mistakes): SandformError[] {
  const isPlayable = forward === 'isolated' || forward === 'nat';
  return [
    ...(isPlayable ? [] : [lacking(mistakes, 'networks', 'forward', forward, "'isolated' or 'nat'")]),
    ...(network6 === undefined ? [] : [lacking(mistakes, 'ipv6', 'ipv6', `${network6}/64`, 'none')]),
  ];
}

/** What of a sandbox a user's own libvirt can't keep: nothing that is let through here is held to less than elsewhere. */
export function sessionSandboxMistakes(sandbox: Sandbox, mistakes: Mistakes): SandformError[] {
  if (!StackContext.of(sandbox).isSession) return [];
  const { egress, networks } = sandbox;
  const existing = networks.filter((network) => !(network instanceof SandboxNetwork)).map((network) => lacking(mistakes, 'networks', 'networks', network.networkName, 'networks of the stack'));
  if (egress !== 'open') return [...existing, ...(egress.length === 0 ? [] : [lacking(mistakes, 'filters', 'egress', `${egress.length} rules`, "none, or 'open'")])];
  const unopened = networks.filter((network) => network instanceof SandboxNetwork && (network.forward !== 'nat' || network.dns !== 'forward'));
  return [...existing, ...unopened.map(({ node }) => lacking(mistakes, 'filters', 'egress', `'open' on ${node.path}`, "a network with forward: 'nat' and dns: 'forward', which is what open means here"))];
}

/** A URI by which Terraform's provider would deploy to the system's libvirt, and the rest of Sandform to the user's. */
export function sessionUriMistakes(uri: string, mistakes: Mistakes): SandformError[] {
  if (!isAmbiguousSession(uri)) return [];
  return [
    mistakes.mistake('PROP_INVALID', 'uri', {
      given: uri,
      expected: "a user's libvirt named by its socket: without it Terraform's provider goes to the system's",
      fix: 'run `npx sandform host up` and `eval "$(npx sandform env)"`, and leave uri out; by hand, add ?socket=PATH',
    }),
  ];
}

function lacking(mistakes: Mistakes, name: SessionLossName, property: string, given: string, expected: string): SandformError {
  const { lost, instead } = SESSION_LOSSES[name];
  return mistakes.mistake('CAPABILITY_MISSING', property, { given: `${given} on a user's own libvirt, which has no ${lost}: ${instead}`, expected, fix: SESSION_FIX });
}
