import { existsSync, rmSync } from 'node:fs';
import { SandformError } from '../../lib';
import { hardwareAccelerationWorks } from './accelerator';
import { removeControlGroup } from './control-groups';
import { endInstance } from './end-instance';
import { assertHostCanRunInstances, assertRoot } from './host-requirements';
import { InstanceLock } from './instance-lock';
import { instancePaths, type InstancePaths } from './instance-paths';
import { instanceNames, readInstanceState, type InstanceState } from './instance-state';
import { launchInstance } from './launch';
import { childrenOf, isAlive, processesInside, programOf } from '../processes';
import { runProgram } from './program';
import { until } from './until';

/** Told what is being done, as it begins. */
export type StepListener = (step: string) => void;

export interface HostUpOptions {
  /** Several instances live beside each other, by name. @default 'default' */
  readonly name?: string;
  /** `tcg` hides /dev/kvm from the instance. @default what {@link hardwareAccelerationWorks} finds */
  readonly accelerator?: 'kvm' | 'tcg';
  /**
   * `machine`: until `down`. `starter`: also ends with the process that started it, however that ends; what it leaves in
   * /run is cleaned up by the next `up` or `down`.
   * @default 'machine'
   */
  readonly lifetime?: 'machine' | 'starter';
  readonly onStep?: StepListener;
}

/**
 * - `up`: its daemon answers.
 * - `not-answering`: its process lives, its daemon doesn't answer: it starts, or it hangs.
 * - `stale`: it ended without `down`, for example with the machine; `down` or `up` clean up.
 * - `down`: nothing of it runs.
 */
export type HostInstanceCondition = 'up' | 'not-answering' | 'stale' | 'down';

export interface HostInstanceStatus {
  readonly name: string;
  readonly condition: HostInstanceCondition;
  /** The instance, when `up` or `not-answering`. */
  readonly instance?: HostInstance;
}

const DEFAULT_NAME = 'default';
const READY_WITHIN_MS = 60_000;

/**
 * A libvirt of our own, for machines where none runs and for tests: libvirtd and virtlogd in network, mount, process,
 * IPC and control group namespaces of their own, so that guests, bridges and leases stay off the machine's network, any
 * number of instances live beside each other and beside the machine's libvirt, and all that runs in one ends with one
 * process. Clients on the machine reach it through its socket by {@link uri}.
 *
 * Its definitions, images and caches are kept in /var/lib/sandform/NAME when it goes down, as those of a machine that is
 * switched off. Its guests can't reach beyond it: the network namespace has no way out.
 */
export class HostInstance implements AsyncDisposable {
  private constructor(
    private readonly state: InstanceState,
    private readonly paths: InstancePaths,
  ) {}

  /**
   * Starts an instance and waits until its libvirt answers. One that is up already is given back as it is.
   *
   * @throws SandformError `NAME_INVALID`, `HOST_UNSUPPORTED`, `HOST_NOT_ROOT`, `HOST_START_FAILED`; nothing is left then
   */
  static async up({ name = DEFAULT_NAME, accelerator, lifetime = 'machine', onStep = () => undefined }: HostUpOptions = {}): Promise<HostInstance> {
    const paths = instancePaths(name);
    assertHostCanRunInstances(name);
    const before = await HostInstance.status(name);
    if (before.condition === 'up' && before.instance) return before.instance;
    if (before.condition === 'stale') await HostInstance.down(name);
    const chosen = accelerator ?? ((await hardwareAccelerationWorks()).works ? 'kvm' : 'tcg');
    onStep(`starting libvirt '${name}' in namespaces of its own`);
    const launched = await launchInstance({ name, paths, accelerator: chosen, lifetime });
    onStep('waiting for libvirt to answer');
    await until(() => launched?.hasEnded() || answers(name), { milliseconds: READY_WITHIN_MS, every: 50 });
    const instance = await HostInstance.find(name);
    if (instance) return instance;
    if (launched) await HostInstance.down(name);
    throw new SandformError('HOST_START_FAILED', {
      doing: `starting libvirt '${name}'`,
      given: launched ? launched.output() : 'another process started it, and it does not answer',
      details: { log: paths.log },
    });
  }

  /** The instance of that name, if it is up. */
  static async find(name: string = DEFAULT_NAME): Promise<HostInstance | undefined> {
    const { condition, instance } = await HostInstance.status(name);
    return condition === 'up' ? instance : undefined;
  }

  /** @throws SandformError `NAME_INVALID` */
  static async status(name: string = DEFAULT_NAME): Promise<HostInstanceStatus> {
    const paths = instancePaths(name);
    const state = readInstanceState(name);
    if (!state) return { name, condition: existsSync(paths.run) ? 'stale' : 'down' };
    if (!isAlive(state.process)) return { name, condition: 'stale' };
    return { name, condition: (await answers(name)) ? 'up' : 'not-answering', instance: new HostInstance(state, paths) };
  }

  /** All instances that are up or left something behind. */
  static async list(): Promise<HostInstanceStatus[]> {
    return Promise.all(instanceNames().map((name) => HostInstance.status(name)));
  }

  /**
   * Ends an instance with all its guests, at once, as a power cut would, and removes what it left in /run and in the
   * control groups. Does nothing where nothing is.
   *
   * @param purge also removes what it keeps: definitions, images, caches, logs. @default false
   * @throws SandformError `NAME_INVALID`, `HOST_NOT_ROOT`, `PROCESS_FAILED` when it can't be ended
   */
  static async down(name: string = DEFAULT_NAME, { purge = false }: { purge?: boolean } = {}): Promise<void> {
    const paths = instancePaths(name);
    const state = readInstanceState(name);
    if (!state && !existsSync(paths.run) && !(purge && existsSync(paths.data))) return;
    assertRoot(`stopping libvirt '${name}'`);
    if (state) {
      await endInstance(state);
      await removeControlGroup(state.controlGroup);
    }
    // Who holds the lock now has begun to start it again, and cleaned up first.
    const lock = await InstanceLock.tryTake(paths);
    if (!lock) return;
    rmSync(paths.run, { recursive: true, force: true });
    if (purge) rmSync(paths.data, { recursive: true, force: true });
    await lock.release();
  }

  get name(): string {
    return this.state.name;
  }

  /** For QEMU guests: `qemu:///system?socket=...` */
  get uri(): string {
    return this.state.uri;
  }

  /** For containers: `lxc:///system?socket=...` */
  get lxcUri(): string {
    return this.state.uri.replace(/^qemu:/, 'lxc:');
  }

  /** libvirt's socket; the same path inside and outside. */
  get socket(): string {
    return this.paths.socket;
  }

  /** Target of the storage pool that every instance has, named by `POOL`; the same path inside and outside. */
  get poolPath(): string {
    return this.state.poolPath;
  }

  get accelerator(): 'kvm' | 'tcg' {
    return this.state.accelerator;
  }

  /** The process that holds the namespaces. When it ends, all of the instance ends. */
  get pid(): number {
    return this.state.process.pid;
  }

  /** The log of the instance and its daemons. */
  get log(): string {
    return this.paths.log;
  }

  /** Process ids, as seen from outside, of what runs this program in the instance, e.g. `libvirtd` or `qemu-system-x86_64`. */
  processIds(program: string): number[] {
    return processesInside(this.initPid).filter((pid) => programOf(pid) === program);
  }

  /** The command line that runs a command in the instance's network namespace, and if asked among its mounts and processes. Needs root. */
  inside(command: readonly string[], { mounts = false }: { mounts?: boolean } = {}): string[] {
    const holder = `/proc/${this.pid}`;
    // The root is named because entering a mount namespace leaves a changed root behind.
    const among = mounts ? [`--mount=${holder}/ns/mnt`, `--pid=${holder}/ns/pid_for_children`, `--root=${holder}/root`, `--wd=${holder}/root`] : [];
    return ['nsenter', `--net=${holder}/ns/net`, ...among, '--', ...command];
  }

  async down(options: { purge?: boolean } = {}): Promise<void> {
    await HostInstance.down(this.name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  /** Process 1 of the instance, as seen from outside. */
  private get initPid(): number {
    const [init] = childrenOf(this.pid);
    if (init === undefined) throw new SandformError('LIBVIRT_UNREACHABLE', { doing: `looking into libvirt '${this.name}'`, given: 'an instance that has ended' });
    return init;
  }
}

/** The whole chain that clients use is asked, as `virsh version` does: a socket alone is there before the drivers are. */
async function answers(name: string): Promise<boolean> {
  const { socket } = instancePaths(name);
  if (!existsSync(socket)) return false;
  const { code } = await runProgram('virsh', ['-c', `qemu:///system?socket=${socket}`, 'version'], { timeoutMs: 5000 });
  return code === 0;
}
