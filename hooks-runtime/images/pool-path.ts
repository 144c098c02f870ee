import { homedir } from 'node:os';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { libvirtUri } from '../../lib/naming';

const SYSTEM_PATH = '/var/lib/libvirt/images/sandform';

/**
 * The folder that the pool is made in where there is none yet: SANDFORM_POOL_PATH, else a place where libvirt's daemon and
 * its AppArmor and SELinux rules expect disks: /var/lib/libvirt/images for root's daemon, the user's data folder for the
 * user's own.
 * @throws SandformError `POOL_UNUSABLE`
 */
export function poolPath(uri: string, environment: NodeJS.ProcessEnv = process.env): string {
  const { SANDFORM_POOL_PATH: given, XDG_DATA_HOME: data } = environment;
  if (given) {
    if (given.startsWith('/')) return given;
    throw new SandformError('POOL_UNUSABLE', { doing: 'choosing the folder of the storage pool', given: `SANDFORM_POOL_PATH=${given}`, expected: 'an absolute path', fix: 'correct SANDFORM_POOL_PATH' });
  }
  const { isSession, isRemote } = libvirtUri(uri);
  if (!isSession) return SYSTEM_PATH;
  if (!isRemote) return join(data || join(homedir(), '.local', 'share'), 'sandform', 'pool');
  throw new SandformError('POOL_UNUSABLE', {
    doing: 'choosing the folder of the storage pool',
    given: uri,
    expected: 'a known home folder on that machine',
    fix: "set SANDFORM_POOL_PATH to a folder on that machine, or make a storage pool 'sandform' there",
  });
}
