import { type Accelerator, type Disk, type DomainPart, type ImageReference, Size, filterName, whyNotOffered } from '../lib';
import type { Attachment } from './address-allocation';
import { cloudInitDigest, seedDocuments } from './cloud-init';
import { ROOT_DISK, declaredDisk, declaredSize } from './disk';
import { type Mistakes, readAll } from './mistakes';
import { declaredMounts } from './mount';
import type { SandboxProps } from './sandbox';
import { SandboxNetwork } from './sandbox-network';

/** What a domain part is made from beside the sandbox's own props. */
export interface DomainSurroundings {
  /** libvirt's name of the domain. */
  readonly name: string;
  /** Whose it is, with that name: tells it from all other machines. */
  readonly app: string;
  readonly accelerator: Accelerator;
  readonly attachments: readonly Attachment[];
}

/**
 * The domain part as the spec has it. Reads the guest's files and the images of disks.
 * @throws SandformError what is wrong with any part
 */
export function declaredDomain(props: SandboxProps, { name, app, accelerator, attachments }: DomainSurroundings, mistakes: Mistakes): DomainPart {
  const { guest, memory = guest.memory, vcpus = guest.vcpus, rootSize, disks = [], cloudInit, mounts = [], machine, hardware, egress, xmlOverrides = [] } = props;
  const { hypervisor } = guest;
  const { display = hypervisor === 'qemu' || hypervisor === 'vbox' } = props;
  const isUnfiltered = egress === 'open' && whyNotOffered({ hypervisor }, 'egress') !== undefined;
  const [{ part, machine: { diskBus, nicModel, ...needed }, root, container, kernelBoot }, memoryBytes, rootBytes, extraDisks] = readAll([
    () => guest.facts(mistakes.doing('guest')),
    () => Size.parse(memory, mistakes.doing('memory')).bytes,
    () => (rootSize === undefined ? undefined : Size.parse(rootSize, mistakes.doing('rootSize'))),
    () => readAll(disks.map((disk) => () => declaredDisk(disk, mistakes))),
  ]);
  const seed = seedDocuments(guest, cloudInit, name);
  const domain: DomainPart = {
    hypervisor,
    ...(hypervisor === 'qemu' ? { accelerator } : {}),
    name,
    ...needed,
    ...(machine === undefined ? {} : { machine }),
    memory: memoryBytes,
    vcpus,
    guest: part,
    ...(kernelBoot === undefined ? {} : { kernelBoot }),
    ...(hardware === undefined ? {} : { hardware: hardware.hardware(`${app} ${name}`) }),
    disks: [...(root === undefined ? [] : [{ ...rootDisk(root, rootBytes, mistakes), bus: diskBus }]), ...extraDisks],
    nics: attachments.map(({ nic, network, mac, address }) => ({
      network: network.networkName,
      mac,
      model: nicModel,
      ...(address === undefined ? {} : { address }),
      ...(network instanceof SandboxNetwork && network.isUserMode ? { userMode: { subnet: network.subnet, restricted: egress !== 'open' } } : isUnfiltered ? {} : { filter: filterName(name, nic) }),
    })),
    filesystems: declaredMounts(mounts),
    ...(container === undefined ? {} : { container }),
    ...(seed === undefined ? {} : { cloudInit: { digest: cloudInitDigest(seed()) } }),
    display,
    xmlOverrides: [...xmlOverrides],
  };
  return guest.definition === undefined ? domain : { ...domain, other: guest.definition.part(domain) };
}

/** @param root its image, or bytes of a blank disk */
function rootDisk(root: ImageReference | number, size: Size | undefined, mistakes: Mistakes): Omit<Disk, 'bus'> {
  if (typeof root === 'number') return { name: ROOT_DISK, size: size?.bytes ?? root };
  return { name: ROOT_DISK, image: root, size: declaredSize('rootSize', size?.toString(), root, mistakes) };
}
