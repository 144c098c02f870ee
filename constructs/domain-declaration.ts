import { type Accelerator, type DomainPart, Size, filterName } from '../lib';
import type { Attachment } from './address-allocation';
import { cloudInitDigest, seedDocuments } from './cloud-init';
import { ROOT_DISK, declaredDisk, declaredSize } from './disk';
import { type Mistakes, readAll } from './mistakes';
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
  const { guest, memory = guest.memory, vcpus = guest.vcpus, rootSize, disks = [], cloudInit, display = true, machine, hardware, egress, xmlOverrides = [] } = props;
  const [{ part, machine: { diskBus, nicModel, ...needed }, root, kernelBoot }, memoryBytes, rootBytes, extraDisks] = readAll([
    () => guest.facts(mistakes.doing('guest')),
    () => Size.parse(memory, mistakes.doing('memory')).bytes,
    () => (rootSize === undefined ? undefined : Size.parse(rootSize, mistakes.doing('rootSize'))),
    () => readAll(disks.map((disk) => () => declaredDisk(disk, mistakes))),
  ]);
  const image = typeof root === 'number' ? undefined : root;
  const seed = seedDocuments(guest, cloudInit, name);
  return {
    hypervisor: 'qemu',
    accelerator,
    name,
    ...needed,
    ...(machine === undefined ? {} : { machine }),
    memory: memoryBytes,
    vcpus,
    guest: part,
    ...(kernelBoot === undefined ? {} : { kernelBoot }),
    ...(hardware === undefined ? {} : { hardware: hardware.hardware(`${app} ${name}`) }),
    disks: [{ name: ROOT_DISK, ...(image === undefined ? {} : { image }), size: typeof root === 'number' ? (rootBytes?.bytes ?? root) : declaredSize('rootSize', rootBytes?.toString(), root, mistakes), bus: diskBus }, ...extraDisks],
    nics: attachments.map(({ nic, network, mac, address }) => ({
      network: network.networkName,
      mac,
      model: nicModel,
      ...(address === undefined ? {} : { address }),
      ...(network instanceof SandboxNetwork && network.isUserMode ? { userMode: { subnet: network.subnet, restricted: egress !== 'open' } } : { filter: filterName(name, nic) }),
    })),
    filesystems: [],
    ...(seed === undefined ? {} : { cloudInit: { digest: cloudInitDigest(seed()) } }),
    display,
    xmlOverrides: [...xmlOverrides],
  };
}
