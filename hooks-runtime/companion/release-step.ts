import { SandformError } from '../../lib/errors';
import { removeContainer } from '../containers';
import { forget } from '../inventory';
import { removeMachine } from '../machines';
import { releaseDomain } from '../release';
import { described, holderOf, isSameSandbox } from './domain-step';
import type { Step } from './step';

/**
 * The domain, if it is still there, is in a state from which the provider can destroy it; one that no provider knows is gone.
 * The UUID is Terraform's own, so a domain that has lost its metadata is still the one that is about to be destroyed.
 */
export const releaseSandbox: Step<'release'> = async ({ connection, stack }, { name, uuid, owner, hypervisor = 'qemu' }) => {
  const domain = await connection.domains.findByUuid(uuid);
  if (domain === undefined) {
    // What was noted of one that somebody removed by hand.
    await forget(uuid);
    return undefined;
  }
  const holder = await holderOf(domain);
  if (typeof holder === 'object' && !isSameSandbox(holder, owner)) {
    throw new SandformError('DOMAIN_NAME_TAKEN', { doing: `${owner.stack}/${owner.sandbox}: releasing domain '${name}'`, given: described(domain.name, holder) });
  }
  if (hypervisor === 'lxc') await removeContainer(connection, domain);
  else if (hypervisor !== 'qemu') await removeMachine(connection, await stack(), domain);
  else await releaseDomain(connection, domain);
  return undefined;
};
