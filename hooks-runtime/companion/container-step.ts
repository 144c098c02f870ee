import { SandformError } from '../../lib/errors';
import { DomainPart, METADATA, parsed } from '../../lib/spec';
import { makeContainer, mountContainer, removeContainer } from '../containers';
import { sandboxOf } from '../inventory';
import type { Domain } from '../libvirt';
import { HostLock } from '../locking';
import { nameContainer } from './container-names';
import { described, holderOf, isSameSandbox } from './domain-step';
import type { Step } from './step';

/** Unpacking may take a while, and others may wait for the same. */
const LOCK_DEADLINE_MS = 60 * 60_000;

/**
 * The container is there: no provider manages containers end to end, so it is made here whichever one is selected. One of the same UUID is what
 * an earlier call made; one of another UUID is what an earlier declaration, or a deploy that died, has left.
 *
 * Goes when the providers can make containers and destroy them: 0.8 finds no architecture for them, 0.9 cannot undefine them.
 */
export const makeContainerOf: Step<'container'> = async ({ connection, signal, tell }, { uuid, identity, domain: given, running }) => {
  const domain = parsed(DomainPart, given, 'COMPANION_INPUT', `${identity.stack}/${identity.sandbox}: reading what its container is made of`);
  const { container, name } = domain;
  const doing = `${identity.stack}/${identity.sandbox}: making container '${name}'`;
  const there = await connection.domains.find(name);
  if (there !== undefined) {
    const holder = await holderOf(there);
    if (!isSameSandbox(holder, identity)) throw new SandformError('DOMAIN_NAME_TAKEN', { doing, given: described(name, holder) });
    if (there.uuid === uuid && container !== undefined && (await isWhole(there, identity.digest))) {
      await mountContainer(connection, name, container);
      await nameContainer(connection, domain.nics);
      return undefined;
    }
    await removeContainer(connection, there);
  }
  const options = { doing, deadline: LOCK_DEADLINE_MS, signal, onWait: () => tell(`${name}: waiting for another process that unpacks its root filesystem`) };
  await using _lock = await HostLock.take(connection, `root-${container?.root.digest ?? ''}`, options);
  const made = await makeContainer(connection, { uuid, identity, domain, running }, { doing, signal, onProgress: tell });
  const undo = () => removeContainer(connection, made);
  try {
    await nameContainer(connection, domain.nics);
  } catch (error) {
    // What failed first is what is told; what can't be undone is left to the reaper.
    await undo().catch((second: unknown) => tell(SandformError.from(second, doing).message));
    throw error;
  }
  return undo;
};

/** Its conduct is written when all else is done: without it, the deploy that made it died, perhaps before it was started. */
async function isWhole(domain: Domain, digest: string): Promise<boolean> {
  const found = await sandboxOf(domain);
  const isSame = found !== undefined && 'sandbox' in found && found.sandbox.spec.identity.digest === digest;
  return isSame && (await domain.metadata(METADATA.conduct.uri)) !== undefined;
}
