import type { ContextReading, ReadContext } from './context-reading';
import { readImage } from './image-provider';
import type { SeeReading } from './reading';
import { sandboxNetworks } from './sandbox-networks';
import { readVirtualBoxTemplate } from './virtualbox-template';

/** A context of VirtualBox. Undefined where it can't be used, which is a mistake then. */
export function readVirtualBox({ context, where, xml, files }: ContextReading, reading: SeeReading): ReadContext | undefined {
  const { domain, disk, hypervisor } = context;
  if (domain.filesystem !== undefined) reading.note('meaningless', `${where}: domain.filesystem`, 'SEE read it for containers alone');
  if (context.network !== undefined) reading.note('meaningless', `${where}: network`, 'SEE did not read it for VirtualBox');
  if (disk?.clone !== undefined) reading.note('meaningless', `${where}: disk.clone`, 'SEE did not read it for VirtualBox');
  if (hypervisor !== undefined && hypervisor !== DRIVER) reading.note('otherwise', `${where}: hypervisor`, `${DRIVER} on the machine of the libvirt that keeps images, which --uri or LIBVIRT_DEFAULT_URI names`);
  if (disk === undefined) reading.mistake('SEE_INVALID', `${where}: disk`, { given: 'nothing', expected: 'the image of the disk' });
  else reading.note('attention', `${where}: disk`, 'SEE wrote into the image itself; here the disk is a copy of it, as a VDI, and what the guest changes is gone with the sandbox');
  const provided = disk === undefined ? undefined : readImage(disk.image, `${where}: disk.image`, files, reading);
  if (xml === undefined) return undefined;
  const { networks, ...template } = readVirtualBoxTemplate(xml, domain.configuration, reading);
  if (provided === undefined) return undefined;
  const { image, login } = provided;
  return {
    sandbox: { ...template, hypervisor: 'vbox', image, networks: sandboxNetworks(networks, undefined, domain.configuration, reading) },
    ...(login === undefined ? {} : { login }),
  };
}

/** SEE's own default. */
const DRIVER = 'vbox:///session';
