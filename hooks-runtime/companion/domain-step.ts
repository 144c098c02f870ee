import type { SandboxOwnership } from '../../lib/companion';
import { SandformError } from '../../lib/errors';
import { sandboxOf } from '../inventory';
import type { Domain } from '../libvirt';
import { removeContainerFolders } from '../containers';
import { removeMachineDisks } from '../machines';
import { dropConsole, keepConsole } from './console-log';
import { hostOffers } from './host-offers';
import { dropAddresses, keepAddresses } from './nic-addresses';
import { closeNics, dropFilters } from './nic-filters';
import type { Step } from './step';

/** The host has what the domain needs, and no domain has the name but this very sandbox: on an update it is there already. Its NICs are closed until its conduct is written. */
export const prepareDomain: Step<'domain'> = async ({ connection, networkOf }, { name, owner, nics, needs, hypervisor = 'qemu' }) => {
  if (needs !== undefined) await hostOffers(connection, needs, `${owner.stack}/${owner.sandbox}: deploying domain '${name}'`);
  const domain = await connection.domains.find(name);
  if (domain !== undefined) {
    const holder = await holderOf(domain);
    if (!isSameSandbox(holder, owner)) throw new SandformError('DOMAIN_NAME_TAKEN', { doing: `${owner.stack}/${owner.sandbox}: deploying domain '${name}'`, given: described(name, holder) });
  }
  const undoConsole = hypervisor === 'qemu' ? await keepConsole(connection, name) : () => Promise.resolve();
  try {
    await keepAddresses(connection, owner, nics);
    const undoNics = await closeNics({ connection, networkOf }, owner, nics);
    return async () => {
      await undoNics();
      await undoConsole();
    };
  } catch (error) {
    await undoConsole();
    throw error;
  }
};

/** What was made for the console and the NICs of a domain that is gone is gone as well. */
export const forgetDomain: Step<'domain'> = async ({ connection, stack }, { name, owner, nics, hypervisor = 'qemu' }) => {
  // A domain that stays is one whose stack changed: Terraform asks for the old before it asks for the new.
  if ((await connection.domains.find(name)) !== undefined) return undefined;
  if (hypervisor === 'vbox' || hypervisor === 'other') {
    await removeMachineDisks(await stack(), name);
    return undefined;
  }
  await dropConsole(connection, name);
  if (hypervisor === 'lxc') await removeContainerFolders(connection, name);
  await dropFilters(connection, owner, nics);
  await dropAddresses(connection, owner, nics);
  return undefined;
};

/** Whose a domain is, by its metadata. */
export async function holderOf(domain: Domain): Promise<SandboxOwnership | 'unreadable' | undefined> {
  return holderIn(await sandboxOf(domain));
}

/** Whose it is, by what is known of it. */
export function holderIn(found: Awaited<ReturnType<typeof sandboxOf>>): SandboxOwnership | 'unreadable' | undefined {
  if (found === undefined) return undefined;
  return 'sandbox' in found ? found.sandbox.spec.identity : 'unreadable';
}

export function isSameSandbox(holder: SandboxOwnership | 'unreadable' | undefined, { app, stack, sandbox }: SandboxOwnership): boolean {
  return typeof holder === 'object' && holder.app === app && holder.stack === stack && holder.sandbox === sandbox;
}

export function described(name: string, holder: SandboxOwnership | 'unreadable' | undefined): string {
  if (holder === undefined) return `domain '${name}', which is none of Sandform's`;
  if (holder === 'unreadable') return `domain '${name}', a sandbox whose description cannot be read`;
  return `domain '${name}', sandbox '${holder.stack}/${holder.sandbox}' of app '${holder.app}'`;
}
