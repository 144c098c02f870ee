import type { Sandbox } from '../sandbox';

/** Whether the sandbox's processors run: neither off nor paused. */
export async function isRunning(sandbox: Sandbox): Promise<boolean> {
  return (await sandbox.power.state()) === 'running';
}
