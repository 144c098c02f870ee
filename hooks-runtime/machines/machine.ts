import { domainXml, readDomainXml } from '../../lib/domain-xml';
import { SandformError } from '../../lib/errors';
import { type DomainPart, type Identity, asciiJson } from '../../lib/spec';
import { SandformPool } from '../images';
import { forget, note } from '../inventory';
import { type Domain, type LibvirtConnection, isLibvirtError, unlessMissing } from '../libvirt';
import { copyDisks } from './disk-copies';
import { markDriver, unmarkDriver } from './driver-mark';

/** A machine that is to be. */
export interface MachineRequest {
  readonly uuid: string;
  /** Without the birth, which is now. */
  readonly identity: Omit<Identity, 'birth'>;
  readonly domain: DomainPart;
  readonly running: boolean;
}

/**
 * Makes a machine of a hypervisor that no provider knows: its disks, each a copy that is its own, and its domain. What was made is gone where a part
 * of it fails.
 * @param connection to the hypervisor's driver
 * @param stack connection to the stack's own libvirt, where images and disks lie
 * @throws SandformError `MACHINE_FAILED`, `POOL_UNUSABLE`, `LIBVIRT_*`
 */
export async function makeMachine(connection: LibvirtConnection, stack: LibvirtConnection, { uuid, identity, domain, running }: MachineRequest, doing: string): Promise<Domain> {
  const pool = await SandformPool.ensure(stack);
  await removeMachineDisks(stack, domain.name);
  try {
    const paths = await copyDisks(pool, domain);
    const description = asciiJson({ identity: { ...identity, birth: new Date().toISOString() }, domain });
    const xml = domainXml(domain, { ...NOWHERE, uuid, metadata: { identity: description }, volumePath: (disk) => paths.get(disk) ?? '' });
    // Before the domain is there: one that nobody describes would be nobody's for ever.
    await note(uuid, { uri: connection.uri, domain: domain.name, identity: description });
    const made = await markDriver(stack, pool, connection.uri, () => connection.domains.define(xml));
    if (readDomainXml(await made.xml())?.identity !== undefined) await forget(uuid);
    if (running) await made.create();
    return made;
  } catch (error) {
    const failure = SandformError.from(error, doing);
    const left = await connection.domains.findByUuid(uuid);
    if (left !== undefined) await removeMachine(connection, stack, left);
    else await removeTraces(connection, stack, { uuid, name: domain.name });
    if (!isLibvirtError(error) || failure.code === 'LIBVIRT_LOST') throw failure;
    throw new SandformError('MACHINE_FAILED', { doing, given: failure.given ?? failure.message, cause: failure });
  }
}

/** Nothing is left of a machine, whatever state it is in. Fine where nothing is there. */
export async function removeMachine(connection: LibvirtConnection, stack: LibvirtConnection, domain: Domain): Promise<void> {
  await unlessMissing(gone(domain));
  await removeTraces(connection, stack, domain);
}

/** What there is of a machine beside its domain. */
async function removeTraces(connection: LibvirtConnection, stack: LibvirtConnection, { uuid, name }: Pick<Domain, 'uuid' | 'name'>): Promise<void> {
  await removeMachineDisks(stack, name);
  await forget(uuid);
  await unmarkDriver(stack, connection);
}

/** Disks of a machine whose domain is gone. */
export async function removeMachineDisks(stack: LibvirtConnection, domain: string): Promise<void> {
  const pool = await SandformPool.find(stack);
  for (const own of (await pool?.volumes()) ?? []) if (own.kind === 'disk' && own.domain === domain) await pool?.remove(own.volume.name);
}

async function gone(domain: Domain): Promise<void> {
  const { active, persistent } = await domain.info();
  if (active) await domain.destroy();
  if (persistent) await domain.undefine();
}

const none = () => '';
const NOWHERE = { baseVolumePath: none, seedPath: none, consolePath: none };
