import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { POOL } from '../../lib';
import type { InstancePaths } from './instance-paths';

/**
 * Writes what an instance's daemons read: their configuration and the definition of the storage pool. Definitions of
 * domains and networks from an earlier start stay, as they would on a machine that was switched off and on.
 *
 * @param changedRoot whether the daemons will run under chroot(2)
 */
export function writeLibvirtConfiguration(paths: InstancePaths, { changedRoot = false }: { changedRoot?: boolean } = {}): void {
  for (const folder of ['etc/qemu/networks', 'etc/storage/autostart', 'etc/nwfilter', 'lib', 'cache', 'log', 'images']) {
    mkdirSync(join(paths.data, folder), { recursive: true, mode: 0o755 });
  }
  // Guests' files: reachable for QEMU's user, which must know their names, not listable.
  chmodSync(paths.pool, 0o711);
  copyPackagedFilters(paths);
  write(paths, 'libvirtd.conf', daemonSettings());
  write(paths, 'qemu.conf', qemuSettings({ changedRoot }));
  write(paths, `storage/${POOL}.xml`, `<pool type='dir'><name>${POOL}</name><target><path>${paths.pool}</path></target></pool>\n`);
  const autostart = join(paths.configuration, 'storage', 'autostart', `${POOL}.xml`);
  rmSync(autostart, { force: true });
  symlinkSync(`/etc/libvirt/storage/${POOL}.xml`, autostart);
}

function write(paths: InstancePaths, name: string, text: string): void {
  writeFileSync(join(paths.configuration, name), text, { mode: 0o600 });
}

/** Filters such as clean-traffic come as files of the package that the daemon reads at its start. */
function copyPackagedFilters(paths: InstancePaths): void {
  const packaged = '/etc/libvirt/nwfilter';
  if (!existsSync(packaged)) return;
  for (const file of readdirSync(packaged)) {
    const copy = join(paths.configuration, 'nwfilter', file);
    if (file.endsWith('.xml') && !existsSync(copy)) copyFileSync(join(packaged, file), copy);
  }
}

/** The socket's permissions are the access control, as on Debian: root and, where there is one, the group libvirt. */
function daemonSettings(): string {
  const group = groupExists('libvirt') ? 'libvirt' : 'root';
  return settings({
    unix_sock_group: group,
    unix_sock_rw_perms: '0770',
    unix_sock_ro_perms: '0770',
    auth_unix_rw: 'none',
    auth_unix_ro: 'none',
    log_level: 3,
  });
}

function qemuSettings({ changedRoot }: { changedRoot: boolean }): string {
  return settings({
    // The user and group that QEMU runs as stay the package's: unprivileged on all distributions that we know.
    seccomp_sandbox: 1,
    vnc_listen: '127.0.0.1',
    spice_listen: '127.0.0.1',
    // Remembered owners are kept in attributes of the images; after a crash of the whole instance they count guests that
    // are gone, and libvirt refuses the image as in use. The pool is the instance's own: nothing needs to be given back.
    remember_owner: 0,
    // libvirt would fill the /dev of each guest outside of a changed root; control groups still guard the devices.
    ...(changedRoot ? { namespaces: [] } : {}),
    // libvirt finds AppArmor or SELinux by itself where they are active; saying "none" elsewhere saves it the search.
    ...(securityModuleIsActive() ? {} : { security_driver: 'none' }),
  });
}

function securityModuleIsActive(): boolean {
  return existsSync('/sys/fs/selinux/enforce') || (existsSync('/sys/kernel/security/apparmor/profiles') && read('/sys/module/apparmor/parameters/enabled').startsWith('Y'));
}

function groupExists(name: string): boolean {
  return read('/etc/group').split('\n').some((line) => line.startsWith(`${name}:`));
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function settings(values: Record<string, string | number | readonly string[]>): string {
  return Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join('');
}
