import { SandformError } from '../../lib/errors';
import { asciiJson } from '../../lib/spec';
import { writeConductOf } from '../inventory';
import { described, holderOf, isSameSandbox } from './domain-step';
import { openNics } from './nic-filters';
import type { Step } from './step';

/** The conduct stands in the metadata of the running domain and of its definition, and its egress in the filters of its NICs. */
export const writeConduct: Step<'conduct'> = async ({ connection }, { name, uuid, owner, conduct }) => {
  const doing = `${owner.stack}/${owner.sandbox}: writing hooks, labels, owner and TTL into domain '${name}'`;
  const domain = await connection.domains.findByUuid(uuid);
  if (domain === undefined) throw new SandformError('SANDBOX_GONE', { doing, given: `no domain with UUID ${uuid}`, fix: 'deploy again' });
  const holder = await holderOf(domain);
  if (!isSameSandbox(holder, owner)) throw new SandformError('DOMAIN_NAME_TAKEN', { doing, given: described(domain.name, holder) });
  await openNics(connection, domain, owner, conduct.egress);
  await writeConductOf(domain, asciiJson(conduct));
  return undefined;
};
