import { SandformError } from '../../lib/errors';
import { DomainPart, parsed } from '../../lib/spec';
import { makeContainer, mountContainer, removeContainer } from '../containers';
import { descriptionOf, sandboxOf } from '../inventory';
import type { Domain, LibvirtConnection } from '../libvirt';
import { HostLock } from '../locking';
import { type MachineRequest, makeMachine, removeMachine } from '../machines';
import { nameContainer } from './container-names';
import { described, holderOf, isSameSandbox } from './domain-step';
import { openNics } from './nic-filters';
import type { Step, StepContext, Undo } from './step';

/** Unpacking may take a while, and others may wait for the same. */
const LOCK_DEADLINE_MS = 60 * 60_000;

/**
 * The domain is there where no provider makes it: containers, which no provider manages end to end, and machines of hypervisors that the providers do
 * not know. One of the same UUID is what an earlier call made; one of another UUID is what an earlier declaration, or a deploy that died, has left.
 *
 * Containers go to the providers when those can make and destroy them: 0.8 finds no architecture for them, 0.9 cannot undefine them.
 */
export const makeDomain: Step<'make'> = async (context, { uuid, identity, domain: given, running }) => {
  const { connection, tell } = context;
  const domain = parsed(DomainPart, given, 'COMPANION_INPUT', `${identity.stack}/${identity.sandbox}: reading what its domain is made of`);
  const maker = MAKERS[domain.hypervisor === 'lxc' ? 'container' : 'machine'];
  const doing = `${identity.stack}/${identity.sandbox}: making domain '${domain.name}'`;
  const there = await connection.domains.find(domain.name);
  if (there !== undefined) {
    const holder = await holderOf(there);
    if (!isSameSandbox(holder, identity)) throw new SandformError('DOMAIN_NAME_TAKEN', { doing, given: described(domain.name, holder) });
    if (there.uuid === uuid && (await isWhole(there, identity.digest))) {
      await maker.adopt(connection, domain);
      return undefined;
    }
    await maker.remove(context, there);
  }
  // Before it runs: libvirt takes half a second to change the filter of a NIC that is in use.
  await openNics(context, domain.nics, identity, context.conductOf(uuid)?.egress);
  const made = await maker.make(context, { uuid, identity, domain, running }, doing);
  const undo: Undo = () => maker.remove(context, made);
  try {
    await maker.name(connection, domain);
  } catch (error) {
    // What failed first is what is told; what can't be undone is left to the reaper.
    await undo().catch((second: unknown) => tell(SandformError.from(second, doing).message));
    throw error;
  }
  return undo;
};

/** How one kind of domain is made and removed. */
interface Maker {
  /** Has what is there already ready for use. */
  readonly adopt: (connection: LibvirtConnection, domain: DomainPart) => Promise<void>;
  readonly make: (context: StepContext, request: MachineRequest, doing: string) => Promise<Domain>;
  /** Has its networks know its name. */
  readonly name: (connection: LibvirtConnection, domain: DomainPart) => Promise<void>;
  readonly remove: (context: StepContext, domain: Domain) => Promise<void>;
}

const MAKERS: Readonly<Record<'container' | 'machine', Maker>> = {
  container: {
    adopt: async (connection, { name, nics, container }) => {
      if (container !== undefined) await mountContainer(connection, name, container);
      await nameContainer(connection, nics);
    },
    make: async ({ connection, signal, tell }, request, doing) => {
      const { name, container } = request.domain;
      const options = { doing, deadline: LOCK_DEADLINE_MS, signal, onWait: () => tell(`${name}: waiting for another process that unpacks its root filesystem`) };
      await using _lock = await HostLock.take(connection, `root-${container?.root.digest ?? ''}`, options);
      return await makeContainer(connection, request, { doing, signal, onProgress: tell });
    },
    name: (connection, { nics }) => nameContainer(connection, nics),
    remove: ({ connection }, domain) => removeContainer(connection, domain),
  },
  machine: {
    adopt: () => Promise.resolve(),
    make: async ({ connection, stack }, request, doing) => makeMachine(connection, await stack(), request, doing),
    name: () => Promise.resolve(),
    remove: async ({ connection, stack }, domain) => removeMachine(connection, await stack(), domain),
  },
};

/** Its conduct is written when all else is done: without it, the deploy that made it died, perhaps before it was started. */
async function isWhole(domain: Domain, digest: string): Promise<boolean> {
  const found = await sandboxOf(domain);
  const isSame = found !== undefined && 'sandbox' in found && found.sandbox.spec.identity.digest === digest;
  return isSame && (await descriptionOf(domain))?.conduct !== undefined;
}
