import { domainOfFilter, isDriverOf } from '../../lib/naming';
import { removeContainerFolders, removeSharedFolders } from '../containers';
import type { HostConnections } from '../inventory';
import { type Holdings, stackOfDomain, stackOfNetwork, stacksOn } from './holdings';
import type { ReapItem } from './reap-item';
import { removeDomain, removeNetwork } from './remove';
import { choosesSandboxes, isChosen, type ReapSelection } from './selection';

/**
 * What must go of a host for a selection, in the order in which it must go. Nothing is touched.
 *
 * Whole stacks go with their networks and all that a killed deploy may have left; so do stacks of which no sandbox remains.
 * The marker of a stack goes first and whenever anything of it goes: its absence tells Terraform to make everything anew.
 */
export function planReap({ main: connection, all }: Pick<HostConnections, 'main' | 'all'>, holdings: Holdings, selection: ReapSelection, now: Date): ReapItem[] {
  const chosen = holdings.sandboxes.filter((sandbox) => isChosen(selection, sandbox, now));
  const touched = new Set(chosen.map(({ spec }) => spec.identity.stack));
  const remaining = new Set(holdings.sandboxes.filter((sandbox) => !chosen.includes(sandbox)).map(({ spec }) => spec.identity.stack));
  const everything = selection.all === true && selection.stack === undefined && !choosesSandboxes(selection);
  const known = stacksOn(holdings);
  const isWhole = (stack: string | undefined): boolean => {
    if (everything) return true;
    if (stack === undefined || remaining.has(stack)) return false;
    return touched.has(stack) || (!choosesSandboxes(selection) && stack === selection.stack);
  };
  const broken = everything ? holdings.broken : [];

  const domains = [...chosen.map(({ domain, uuid, spec }) => ({ domain, uuid, stack: spec.identity.stack })), ...broken.map(({ domain, uuid }) => ({ domain, uuid, stack: undefined }))];
  const going = new Set(domains.map(({ domain }) => domain));
  // What is on a driver that does not answer is still there.
  const isAnswered = (uri: string) => all.some((driver) => driver.uri === uri) || !isDriverOf(connection.uri, uri);
  const stackOf = (domain: string) => stackOfDomain(domain, selection.stack === undefined ? known : [...known, selection.stack]);

  return [
    ...holdings.volumes.flatMap((volume) => (volume.kind === 'marker' && (touched.has(volume.stack) || isWhole(volume.stack)) ? [volumeItem('marker', holdings, volume.volume.name, volume.stack)] : [])),
    ...domains.map(({ domain, uuid, stack }): ReapItem => ({ kind: 'domain', name: domain, ...(stack === undefined ? {} : { stack }), remove: () => removeDomain(all, uuid) })),
    ...holdings.volumes.flatMap((volume): ReapItem[] => {
      if (volume.kind !== 'disk' && volume.kind !== 'console' && volume.kind !== 'memory') return [];
      const { domain } = volume;
      const stack = stackOf(domain);
      if (going.has(domain)) return [{ ...volumeItem('volume', holdings, volume.volume.name, stack), after: domain }];
      return !holdings.domains.has(domain) && isWhole(stack) ? [volumeItem('volume', holdings, volume.volume.name, stack)] : [];
    }),
    // What a deploy left that died before the domain was there; a domain goes with its own.
    ...holdings.containers.domains.flatMap((domain): ReapItem[] => {
      const stack = stackOf(domain);
      const containers = all.find(({ uri }) => uri.startsWith('lxc'));
      if (containers === undefined || holdings.domains.has(domain) || !isWhole(stack)) return [];
      return [{ kind: 'root', name: domain, ...(stack === undefined ? {} : { stack }), remove: () => removeContainerFolders(containers, domain) }];
    }),
    ...holdings.containers.shared.flatMap(({ stack, paths }): ReapItem[] => (isWhole(stack) ? [{ kind: 'folder', name: paths.join(', ') || stack, stack, remove: () => removeSharedFolders(connection, stack) }] : [])),
    ...holdings.networks.flatMap(({ name, uuid, identity }): ReapItem[] => {
      const stack = stackOfNetwork(identity);
      return isWhole(stack) ? [{ kind: 'network', name, ...(stack === undefined ? {} : { stack }), remove: () => removeNetwork(connection, uuid) }] : [];
    }),
    ...holdings.volumes.flatMap((volume) => (volume.kind === 'reservation' && isWhole(volume.stack) ? [volumeItem('reservation', holdings, volume.volume.name, volume.stack)] : [])),
    // A deploy that died before it made the first machine there; with the last machine it goes by itself.
    ...holdings.volumes.flatMap((volume) => (everything && volume.kind === 'driver' && isAnswered(volume.uri) ? [volumeItem('note', holdings, volume.volume.name, undefined)] : [])),
    ...holdings.filters.flatMap((name): ReapItem[] => {
      const domain = domainOfFilter(name);
      const stack = domain === undefined ? undefined : stackOf(domain);
      const item: ReapItem = { kind: 'filter', name, ...(stack === undefined ? {} : { stack }), remove: () => connection.nwfilters.undefine(name) };
      if (everything) return [item];
      if (domain === undefined) return [];
      if (going.has(domain)) return [{ ...item, after: domain }];
      return !holdings.domains.has(domain) && isWhole(stack) ? [item] : [];
    }),
  ];
}

function volumeItem(kind: 'marker' | 'volume' | 'reservation' | 'note', { pool }: Holdings, name: string, stack: string | undefined): ReapItem {
  return { kind, name, ...(stack === undefined ? {} : { stack }), remove: async () => pool?.remove(name) };
}
