import { SandformError } from '../errors';

const OLDEST = [22, 19] as const;
const NEWEST = 24;

/** Versions of Node that Sandform is for, as people read them. */
export const NODE_VERSIONS = `${OLDEST.join('.')} to ${NEWEST}`;

/** How a version of Node stands to those that Sandform is for. An older one lacks functions that it calls; a newer one was not tried. */
export function nodeFit(version: string): 'old' | 'fits' | 'new' {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) return 'old';
  return major > NEWEST ? 'new' : 'fits';
}

/** @throws SandformError `NODE_OLD` */
export function refuseOldNode(doing: string): void {
  const { node } = process.versions;
  if (nodeFit(node) === 'old') throw new SandformError('NODE_OLD', { doing, given: `Node ${node}, ${process.execPath}` });
}
