import { join } from 'node:path';
import { SandformError } from '../../lib';

/** Where the instances' short-lived state lies. Short, because socket paths have a limit of 108 bytes. */
export const RUN_ROOT = '/run/sandform/host';
/** Where what an instance keeps between two starts lies. */
export const DATA_ROOT = '/var/lib/sandform';

/** The files and folders of one instance. All have the same path inside and outside its namespaces. */
export interface InstancePaths {
  /** Gone when the instance is down. */
  readonly run: string;
  /** Locked by the instance as long as it lives. */
  readonly lock: string;
  /** {@link InstanceState} as JSON. */
  readonly state: string;
  /** The programs that make the namespaces and live in them. */
  readonly launchProgram: string;
  readonly initProgram: string;
  /** Becomes /run/libvirt inside. */
  readonly sockets: string;
  /** libvirt's socket. */
  readonly socket: string;
  /** Kept between two starts: definitions, saves, logs, caches. */
  readonly data: string;
  /** Becomes /etc/libvirt inside. */
  readonly configuration: string;
  /** Becomes /var/log/libvirt inside. */
  readonly logs: string;
  /** What the instance itself and its daemons print. */
  readonly log: string;
  /** Target of the instance's storage pool. */
  readonly pool: string;
}

/** @throws SandformError `NAME_INVALID` */
export function instancePaths(name: string): InstancePaths {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) {
    throw new SandformError('NAME_INVALID', {
      doing: 'naming a libvirt of our own',
      given: name,
      expected: 'lower-case letters, digits and `-`, beginning with a letter or a digit, at most 31 characters',
    });
  }
  const run = join(RUN_ROOT, name);
  const data = join(DATA_ROOT, name);
  return {
    run,
    lock: join(RUN_ROOT, `${name}.lock`),
    state: join(run, 'instance.json'),
    launchProgram: join(run, 'launch.sh'),
    initProgram: join(run, 'init.sh'),
    sockets: join(run, 'libvirt'),
    socket: join(run, 'libvirt', 'libvirt-sock'),
    data,
    configuration: join(data, 'etc'),
    logs: join(data, 'log'),
    log: join(data, 'log', 'instance.log'),
    pool: join(data, 'images'),
  };
}
