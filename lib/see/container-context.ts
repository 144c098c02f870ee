import { hypervisorUri } from '../naming';
import { readContainerTemplate } from './container-template';
import type { ContextReading, ReadContext } from './context-reading';
import type { SeeReading } from './reading';
import { sandboxNetworks } from './sandbox-networks';

/** A context of LXC. Undefined where it can't be used, which is a mistake then. */
export function readContainer({ context, where, xml, network, files }: ContextReading, reading: SeeReading): ReadContext | undefined {
  const { domain, hypervisor } = context;
  if (context.disk !== undefined) reading.note('meaningless', `${where}: disk`, 'SEE read it for machines alone; a container has a root filesystem');
  if (xml === undefined) return undefined;
  const hasNetwork = context.network !== undefined;
  const container = readContainerTemplate(xml, { where: domain.configuration, mountsAt: `${where}: domain.filesystem`, mounts: domain.filesystem, files, hasNetwork }, reading);
  if (container === undefined) return undefined;
  // Stacks name a libvirt by its QEMU.
  const uri = hypervisor === undefined ? undefined : (hypervisorUri(hypervisor, 'qemu') ?? hypervisor);
  const { networks, ...rest } = container;
  return { sandbox: { ...rest, hypervisor: 'lxc', ...(uri === undefined ? {} : { uri }), networks: sandboxNetworks(networks, network, domain.configuration, reading) } };
}
