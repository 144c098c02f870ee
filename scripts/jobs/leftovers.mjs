import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The storage pool of Sandform and, in it, the shared base images: both stay for the next deployment. */
const POOL = 'sandform';
const isShared = (volume) => volume.startsWith('base.');

/**
 * What a libvirt still holds, by kind and name.
 *
 * @param {string} uri
 * @param {(name: string) => boolean} isOurs which names to look at
 * @returns {Promise<string[]>} e.g. `network quickstart-net`
 */
export async function leftovers(uri, isOurs) {
  const virsh = async (connection, ...args) => {
    const { stdout } = await run('virsh', ['-q', '-c', connection, ...args], { timeout: 30_000 });
    return stdout.split('\n').map((line) => line.trim()).filter(Boolean);
  };
  const column = (rows, index) => rows.map((row) => row.split(/\s+/)[index]);
  const pools = await virsh(uri, 'pool-list', '--all', '--name');
  const found = {
    domain: await virsh(uri, 'list', '--all', '--name'),
    // Not every libvirt has the driver for containers.
    container: await virsh(uri.replace(/^qemu:/, 'lxc:'), 'list', '--all', '--name').catch(() => []),
    network: await virsh(uri, 'net-list', '--all', '--name'),
    filter: column(await virsh(uri, 'nwfilter-list'), 1),
    pool: pools.filter((name) => name !== POOL),
    volume: pools.includes(POOL) ? column(await virsh(uri, 'vol-list', '--pool', POOL), 0).filter((name) => !isShared(name)) : [],
  };
  return Object.entries(found).flatMap(([kind, names]) => names.filter(isOurs).map((name) => `${kind} ${name}`));
}

/** Names of the filters that libvirt's packages bring. */
export function packagedFilters() {
  const folder = '/etc/libvirt/nwfilter';
  return new Set(existsSync(folder) ? readdirSync(folder).map((file) => file.replace(/\.xml$/, '')) : []);
}
