import { readFileSync, readlinkSync } from 'node:fs';
import { childrenOf, isAlive, type ProcessIdentity, processIdentity, processesInside, programOf } from '../processes';
import type { LocalDaemon } from './local-daemon';

/** The first process of a container that runs, seen from this machine. */
export interface ContainerProcess {
  readonly process: ProcessIdentity;
  /** Whether it has users of its own, which are nobody on the host. */
  readonly userNamespace: boolean;
  /** Capabilities that nothing in the container can get beyond, as in /proc/PID/status. */
  readonly capabilities: bigint;
  /** Its control groups: files of which each takes ids of processes. */
  readonly controlGroups: readonly string[];
}

/**
 * Finds it by the process that libvirt keeps for each container, whose id libvirt gives as the domain's. Not by libvirt's own call for entering
 * namespaces, which fails where the daemon has process ids of its own ("Init pid is not yet available").
 */
export function containerProcess(daemon: LocalDaemon, domainId: number): ContainerProcess | undefined {
  const depth = idsOf(daemon.pid).length - 1;
  const controller = processesInside(daemon.pid).find((pid) => programOf(pid) === 'libvirt_lxc' && idsOf(pid)[depth] === domainId);
  if (controller === undefined) return undefined;
  const init = childrenOf(controller).find((pid) => idsOf(pid).at(-1) === 1);
  const identity = init === undefined ? undefined : processIdentity(init);
  if (identity === undefined) return undefined;
  try {
    const { pid } = identity;
    const capabilities = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'}`);
    const userNamespace = readlinkSync(`/proc/${pid}/ns/user`) !== readlinkSync('/proc/self/ns/user');
    const found = { process: identity, userNamespace, capabilities, controlGroups: controlGroupsOf(pid) };
    return isAlive(identity) ? found : undefined;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** The process ids that it has, from this machine's down to that of its innermost namespace. */
function idsOf(pid: number): number[] {
  try {
    return (/^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '').split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

/** Source: cgroups(7), proc(5). */
function controlGroupsOf(pid: number): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', place = ''] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    return type === 'cgroup' || type === 'cgroup2' ? [{ type, root, place, options: options.split(',') }] : [];
  });
  return readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || group === undefined) return [];
    const mount = mounts.find(({ type, options, root }) => root === '/' && (controllers === '' ? type === 'cgroup2' : type === 'cgroup' && controllers.split(',').every((name) => options.includes(name))));
    return mount === undefined ? [] : [`${mount.place}${group}/cgroup.procs`];
  });
}
