import { SandformError } from '../../lib/errors';
import { asciiJson } from '../../lib/spec';
import { sandboxOf, writeConductOf } from '../inventory';
import { described, holderIn, isSameSandbox } from './domain-step';
import { openNics } from './nic-filters';
import type { Step } from './step';

/** The conduct stands in the metadata of the running domain and of its definition, and its egress in the filters of its NICs. */
export const writeConduct: Step<'conduct'> = async (context, { name, uuid, owner, conduct }) => {
  const doing = `${owner.stack}/${owner.sandbox}: writing hooks, labels, owner and TTL into domain '${name}'`;
  const domain = await context.connection.domains.findByUuid(uuid);
  if (domain === undefined) throw new SandformError('SANDBOX_GONE', { doing, given: `no domain with UUID ${uuid}`, fix: 'deploy again' });
  const found = await sandboxOf(domain);
  const holder = holderIn(found);
  if (!isSameSandbox(holder, owner)) throw new SandformError('DOMAIN_NAME_TAKEN', { doing, given: described(domain.name, holder) });
  await openNics(context, found !== undefined && 'sandbox' in found ? found.sandbox.spec.domain.nics : [], owner, conduct.egress);
  await writeConductOf(domain, asciiJson(conduct));
  return undefined;
};
