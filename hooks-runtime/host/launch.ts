import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rootIsChanged } from './changed-root';
import { InstanceLock } from './instance-lock';
import type { InstancePaths } from './instance-paths';
import { writeInstanceState } from './instance-state';
import { INIT, LAUNCH } from './launch-script';
import { writeLibvirtConfiguration } from './libvirt-configuration';

export interface LaunchOptions {
  readonly name: string;
  readonly paths: InstancePaths;
  readonly accelerator: 'kvm' | 'tcg';
  readonly lifetime: 'machine' | 'starter';
}

export interface LaunchedInstance {
  /** Whether what was started has ended already, which it should not. */
  hasEnded(): boolean;
  /** The end of what it printed, bounded. */
  output(): string;
}

/**
 * Starts the processes of an instance, or gives undefined when another process starts or has started it. In an order
 * that leaves nothing unaccounted for if this process is killed in between: take the lock, write down who holds it, only
 * then let the holder go on.
 */
export async function launchInstance({ name, paths, accelerator, lifetime }: LaunchOptions): Promise<LaunchedInstance | undefined> {
  const controlGroup = `sandform-${name}-${randomBytes(4).toString('hex')}`;
  const lock = await InstanceLock.tryTake(paths, {
    SANDFORM_RUN: paths.run,
    SANDFORM_DATA: paths.data,
    SANDFORM_CGROUP: controlGroup,
    SANDFORM_HIDE_KVM: accelerator === 'tcg' ? 'yes' : 'no',
    SANDFORM_LIFETIME: lifetime,
  });
  if (!lock) return undefined;
  rmSync(paths.run, { recursive: true, force: true });
  rmSync(paths.log, { force: true });
  mkdirSync(paths.sockets, { recursive: true, mode: 0o755 });
  writeFileSync(paths.launchProgram, LAUNCH, { mode: 0o700 });
  writeFileSync(paths.initProgram, INIT, { mode: 0o700 });
  writeLibvirtConfiguration(paths, { changedRoot: await rootIsChanged() });
  writeInstanceState({
    version: 1,
    name,
    process: lock.holder,
    controlGroup,
    uri: `qemu:///system?socket=${paths.socket}`,
    poolPath: paths.pool,
    accelerator,
    startedAt: new Date().toISOString(),
  });
  lock.proceed();
  return { hasEnded: () => lock.hasEnded, output: () => (existsSync(paths.log) ? readFileSync(paths.log, 'utf8').slice(-2000) : '') };
}
