import { existsSync } from 'node:fs';
import { readHostSecurity } from '../../lib/domain-xml';
import { isAmbiguousSession, libvirtUri } from '../../lib/naming';
import { hardwareAccelerationWorks } from '../host';
import { LibvirtConnection } from '../libvirt';
import { failed, type Finding, ok, problem, warning } from './finding';

/** Whether libvirt answers, and lets this user change things. */
export async function reachFindings(connection: LibvirtConnection, uri: string, signal: AbortSignal | undefined): Promise<Finding[]> {
  const { libvirt, hypervisor } = await connection.host.versions();
  const findings = [ok('libvirt', `libvirt ${libvirt} with ${await connection.host.type()} ${hypervisor ?? ''} answers at ${uri}`)];
  try {
    const writable = await LibvirtConnection.open(uri, signal === undefined ? {} : { signal });
    await writable.close();
    findings.push(ok('permissions', 'this user may change things there'));
  } catch (error) {
    const fix = libvirtUri(uri).isRemote ? 'add the user of the URI to the group libvirt on that machine, or name another user' : 'add yourself to the group libvirt (`sudo usermod -aG libvirt $USER`, then log in again), or run as root';
    findings.push({ ...failed('permissions', error), fix });
  }
  return findings;
}

/** Whether containers can be made here, and what they would be. */
export function containersFinding(uri: string, siblings: readonly LibvirtConnection[]): Finding {
  if (!siblings.some((sibling) => sibling.uri.startsWith('lxc'))) return ok('containers', 'libvirt has no LXC driver here; only virtual machines can be deployed');
  if (libvirtUri(uri).isRemote) return ok('containers', 'only on the machine that libvirt runs on');
  return process.getuid?.() === 0 ? ok('containers', "LXC answers; a container shares the host's kernel") : ok('containers', 'LXC answers; making and entering containers takes root');
}

/** Where local daemons listen. Source: libvirt's daemons page. */
const SOCKETS = { monolithic: 'libvirt-sock', modular: 'virtqemud-sock' } as const;

/** Whether libvirt runs as one daemon or as one for each driver; both are fine. */
export function daemonFinding(uri: string): Finding {
  const { socket, isRemote } = libvirtUri(uri);
  if (isRemote) return ok('daemons', 'on another machine');
  if (isAmbiguousSession(uri)) return problem('daemons', `${uri} leads Terraform's provider to the system's libvirt, and the rest of Sandform to yours`, 'run `npx sandform host up` and `eval "$(npx sandform env)"`');
  const folder = socket === undefined ? '/run/libvirt' : socket.slice(0, socket.lastIndexOf('/'));
  const kinds = Object.entries(SOCKETS).filter(([, name]) => existsSync(`${folder}/${name}`)).map(([kind]) => kind);
  return kinds.length > 0 ? ok('daemons', kinds.join(' and ')) : problem('daemons', `no socket of libvirt in ${folder}`, 'start libvirtd (`sudo systemctl start libvirtd`), or `npx sandform host up`: as root in namespaces of its own, else your own');
}

/** What keeps a QEMU that a guest took over from the host. */
export async function confinementFindings(connection: LibvirtConnection): Promise<Finding[]> {
  const { models, qemuUser } = readHostSecurity(await connection.host.capabilities());
  const confined = models.filter((model) => model === 'apparmor' || model === 'selinux');
  const asRoot = qemuUser === '0';
  return [
    confined.length > 0 ? ok('confinement', `QEMU is confined by ${confined.join(' and ')}`) : warning('confinement', 'neither AppArmor nor SELinux confines QEMU: only its user does', 'enable AppArmor or SELinux and its libvirt policy'),
    asRoot ? problem('qemu user', 'QEMU runs as root', "set user and group in libvirt's qemu.conf to an unprivileged user") : ok('qemu user', qemuUser === undefined ? 'as libvirt chooses' : `user ${qemuUser}`),
  ];
}

/** Whether guests get hardware virtualization, by trying it: libvirt's word is not enough. */
export async function acceleratorFinding(uri: string): Promise<Finding> {
  const { isRemote, isSession } = libvirtUri(uri);
  if (isRemote) return ok('accelerator', 'on another machine; not tried');
  const { works, reason } = await hardwareAccelerationWorks({ asThisUser: isSession });
  if (works) return ok('accelerator', `KVM: ${reason}`);
  const asked = process.env['SANDFORM_ACCELERATOR'] === 'tcg';
  const fix = asked ? 'use a machine with KVM for software that you do not trust' : 'use a machine with KVM, or ask for emulation with SANDFORM_ACCELERATOR=tcg (no security boundary)';
  return warning('accelerator', `guests can only be emulated: ${reason}`, fix);
}
