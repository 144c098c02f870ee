import type { NetworkOwnership } from '../../lib/companion';
import type { DeployedSandbox } from '../inventory';
import type { LibvirtConnection } from '../libvirt';
import { holdingsOf, stackOfDomain, stacksOn } from './holdings';
import { processItems } from './orphans';
import { removeDomain, removeNetwork } from './remove';
import type { ReapedThing, ReapItem } from './reap-item';

/** What the state of a Terraform holds. */
export interface TerraformKnowledge {
  /** Ids that it gave out itself: the UUIDs of domains are among them before the domains are made. */
  readonly given: ReadonlySet<string>;
  /** Ids, keys and paths of what its provider told it to have made. */
  readonly made: ReadonlySet<string>;
}

/**
 * Removes what a host holds of a stack and Terraform does not know: what a deploy made in the moment in which it died. First end the processes
 * that it left, such as a provider that has lost its Terraform: one may still be making something. A domain goes where this very Terraform
 * gave it its UUID, one that the companion makes where it did not (the companion takes it up, or makes it anew), a disk where no domain of its name is there, a network where no domain is on it.
 *
 * @param knowledge asked only where anything of the stack is there; undefined leaves everything
 */
export async function reapUnknown(connection: LibvirtConnection, siblings: readonly LibvirtConnection[], { app, stack }: NetworkOwnership, knowledge: () => Promise<TerraformKnowledge | undefined>): Promise<ReapedThing[]> {
  const left = processItems(connection.uri, { stack });
  for (const { remove } of left) await remove();
  const ended = left.map(({ kind, name }) => ({ kind, name, stack }));

  const holdings = await holdingsOf(connection, siblings);
  const domains = holdings.sandboxes.filter(({ spec: { identity } }) => identity.app === app && identity.stack === stack);
  const networks = holdings.networks.filter(({ identity }) => typeof identity === 'object' && 'app' in identity && 'stack' in identity && identity.app === app && identity.stack === stack);
  const known = stacksOn(holdings);
  const disks = holdings.volumes.flatMap((volume) => (volume.kind === 'disk' && stackOfDomain(volume.domain, [...known, stack]) === stack ? [volume] : []));
  if (domains.length + networks.length + disks.length === 0) return ended;
  const terraform = await knowledge();
  if (terraform === undefined) return ended;

  const unknown = domains.filter(({ uuid, spec }) => isUnknown({ uuid, spec }, terraform));
  const gone = new Set(unknown.map(({ domain }) => domain));
  const staying = holdings.sandboxes.filter(({ domain }) => !gone.has(domain));
  const isUsed = (name: string) => staying.some(({ spec: { domain } }) => domain.nics.some(({ network }) => network === name));
  const items: ReapItem[] = [
    ...unknown.map(({ domain, uuid }): ReapItem => ({ kind: 'domain', name: domain, stack, remove: () => removeDomain([connection, ...siblings], uuid) })),
    ...disks
      .filter(({ domain, volume }) => (gone.has(domain) || !holdings.domains.has(domain)) && !terraform.made.has(volume.path))
      .map(({ volume: { name } }): ReapItem => ({ kind: 'volume', name, stack, remove: async () => holdings.pool?.remove(name) })),
    ...networks.filter(({ name, uuid }) => !terraform.made.has(uuid) && !isUsed(name)).map(({ name, uuid }): ReapItem => ({ kind: 'network', name, stack, remove: () => removeNetwork(connection, uuid) })),
  ];
  for (const { remove } of items) await remove();
  return [...ended, ...items.map(({ kind, name }) => ({ kind, name, stack }))];
}

function isUnknown({ uuid, spec }: Pick<DeployedSandbox, 'uuid' | 'spec'>, { given, made }: TerraformKnowledge): boolean {
  return spec.domain.hypervisor === 'qemu' ? given.has(uuid) && !made.has(uuid) : !given.has(uuid);
}
