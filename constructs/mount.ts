import type { Filesystem, SandformError } from '../lib';
import type { Mistakes } from './mistakes';

/** A folder of the host that a container sees. */
export interface MountProps {
  /** Absolute path on the host that libvirt runs on. */
  readonly source: string;
  /** Absolute path in the container, which is made where it is not there. */
  readonly target: string;
  /** @default true */
  readonly readonly?: boolean;
}

/** Mounts as the spec has them. */
export function declaredMounts(mounts: readonly MountProps[]): Filesystem[] {
  return mounts.map(({ source, target, readonly = true }) => ({ source, target, readonly }));
}

export function mountMistakes(mounts: readonly MountProps[], mistakes: Mistakes): SandformError[] {
  return mounts.flatMap(({ source, target }, index) => {
    const property = `mount ${index + 1}`;
    const unfit = [source, target].filter((path) => !path.startsWith('/') || path.split('/').includes('..'));
    if (unfit.length > 0) return [mistakes.mistake('PROP_INVALID', property, { given: unfit, expected: "absolute paths without '..'", fix: 'write the whole path' })];
    // What a container's own /dev, /proc and /sys are, libvirt decides.
    const taken = /^\/(dev|proc|sys)?\/*$/.test(target) || mounts.findIndex((other) => other.target === target) < index;
    return taken ? [mistakes.mistake('PROP_INVALID', property, { given: target, expected: 'a place of its own, other than /, /dev, /proc and /sys', fix: 'choose another target' })] : [];
  });
}
