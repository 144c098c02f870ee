import { type Disk, type ImageReference, Size, type SizeText } from '../lib';
import type { Image } from './image';
import type { Mistakes } from './mistakes';

/** A disk beside the root disk. With an image it is copy-on-write over it; without one it is blank. */
export interface DiskProps {
  /** Unique within the sandbox; guests see it as serial number. */
  readonly name: string;
  /** Size that the guest sees. @default the image's; a blank disk needs one */
  readonly size?: SizeText;
  /** @default none: a blank disk */
  readonly image?: Image;
  /** @default 'virtio' */
  readonly bus?: Disk['bus'];
}

/** Name of the disk that a guest boots from. */
export const ROOT_DISK = 'root';

/**
 * The disk as the spec has it. Reads its image.
 * @throws SandformError `SIZE_INVALID`, `PROP_INVALID`, and those of the image
 */
export function declaredDisk({ name, size, image, bus = 'virtio' }: DiskProps, mistakes: Mistakes): Disk {
  const property = `disk '${name}'`;
  const reference = image?.reference(mistakes.doing(property));
  return { name, size: declaredSize(property, size, reference, mistakes), bus, ...(reference === undefined ? {} : { image: reference }) };
}

/**
 * Bytes of a disk: as declared, else those of its image.
 * @throws SandformError `SIZE_INVALID`, `PROP_INVALID`
 */
export function declaredSize(property: string, size: SizeText | undefined, image: ImageReference | undefined, mistakes: Mistakes): number {
  const bytes = size === undefined ? image?.virtualSize : Size.parse(size, mistakes.doing(property)).bytes;
  if (bytes === undefined) throw mistakes.mistake('PROP_INVALID', property, { given: 'neither size nor image', expected: 'a size, an image, or both', fix: "give it a size, e.g. '1GiB'" });
  if (image !== undefined && bytes < image.virtualSize) {
    throw mistakes.mistake('PROP_INVALID', property, { given: size, expected: `at least the size of its image, ${Size.bytes(image.virtualSize).toString()}`, fix: 'make it larger, or leave the size out' });
  }
  return bytes;
}
