import type { SeeContext } from './context-document';
import type { ContextReading, ReadContext } from './context-reading';
import { readDomainTemplate } from './domain-template';
import type { SeeFiles } from './files';
import { isTrue } from './hooks';
import { readImage } from './image-provider';
import type { ProvidedDisk } from './provider-context';
import type { SeeReading } from './reading';
import { sandboxNetworks } from './sandbox-networks';

/** A context of QEMU. Undefined where it can't be used, which is a mistake then. */
export function readMachine({ context, where, xml, network, files, trusted }: ContextReading, reading: SeeReading): ReadContext | undefined {
  const { domain, hypervisor: uri } = context;
  if (domain.filesystem !== undefined) reading.note('meaningless', `${where}: domain.filesystem`, 'SEE read it for containers alone');
  const disk = readDisk(context, where, files, reading);
  const template = xml === undefined ? undefined : readDomainTemplate(xml, { where: domain.configuration, files, trusted, hasNetwork: context.network !== undefined }, reading);
  if (template === undefined || disk === undefined) return undefined;
  const { disks, xmlOverrides, kernel, networks, ...rest } = template;
  for (const file of [kernel?.kernel, kernel?.initrd]) if (file !== undefined && files.look(file).kind !== 'file') reading.mistake('IMAGE_MISSING', `${domain.configuration}: os`, { given: file, fix: 'correct the path' });
  const { image, login } = disk;
  return {
    sandbox: {
      ...rest,
      hypervisor: 'qemu',
      ...(uri === undefined ? {} : { uri }),
      image,
      ...(kernel === undefined ? {} : { kernel: { ...kernel, kernel: files.absolute(kernel.kernel), ...(kernel.initrd === undefined ? {} : { initrd: files.absolute(kernel.initrd) }) } }),
      disks: disks.map(({ name, file, format, bus }) => ({ name, image: { from: 'path', path: file, format }, bus })),
      networks: sandboxNetworks(networks, network, domain.configuration, reading),
      xmlOverrides,
    },
    ...(login === undefined ? {} : { login }),
  };
}

/** The disk that gets the image. */
function readDisk({ disk }: SeeContext, where: string, files: SeeFiles, reading: SeeReading): ProvidedDisk | undefined {
  if (disk === undefined) {
    reading.mistake('SEE_INVALID', `${where}: disk`, { given: 'nothing', expected: 'the image of the disk' });
    return undefined;
  }
  const { image, clone } = disk;
  if (clone === undefined) reading.note('attention', `${where}: disk`, 'SEE wrote into the image itself; here the image is never written, and what the guest changes is gone with the sandbox');
  else {
    reading.note('meaningless', `${where}: disk.clone.storage_pool_path`, "disks lie in the pool 'sandform' of the host");
    if (!isTrue(clone.copy_on_write)) reading.note('otherwise', `${where}: disk.clone.copy_on_write`, 'an overlay instead of a full copy: the same to the guest');
  }
  return readImage(image, `${where}: disk.image`, files, reading);
}
