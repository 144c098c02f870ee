import { SandformError } from '../../lib/errors';
import { baseVolumeName, volumeName } from '../../lib/naming';
import type { CopiedFormat, Disk, DomainPart } from '../../lib/spec';
import type { SandformPool } from '../images';

/** A whole copy of each disk's image, in a format that the hypervisor reads: none of them can be counted on to read QEMU's overlays. @returns their paths, by the disk's name */
export async function copyDisks(pool: SandformPool, domain: DomainPart): Promise<ReadonlyMap<string, string>> {
  const format = domain.other?.diskFormat ?? VIRTUALBOX_FORMAT;
  const paths = new Map<string, string>();
  for (const disk of domain.disks) paths.set(disk.name, await copied(pool, domain.name, disk, format));
  return paths;
}

/** VirtualBox's own, which every release of it reads. */
const VIRTUALBOX_FORMAT: CopiedFormat = 'vdi';

async function copied(pool: SandformPool, domain: string, { name, image, size }: Disk, format: CopiedFormat): Promise<string> {
  const volume = volumeName(domain, name, format);
  const xml = `<volume><name>${volume}</name><capacity unit='bytes'>${size}</capacity><allocation unit='bytes'>0</allocation><target><format type='${format}'/></target></volume>`;
  if (image === undefined) return (await pool.createVolume(xml)).path;
  const base = await pool.findVolume(baseVolumeName(image.digest));
  if (base === undefined) throw new SandformError('INTERNAL', { doing: `copying disk '${name}' of domain '${domain}'`, given: 'an image that the pool does not hold' });
  return (await pool.copyVolume(xml, base)).path;
}
