import type { CommandResult, Commands } from './commands';
import { fileError } from './file-error';
import type { FileTask } from './tree-files';

/** Removes a path with the guest's own `rm`: links are removed, never followed; what is not there is fine. */
export async function removePath(commands: Commands, task: FileTask, path: string, recursive: boolean): Promise<void> {
  const script = recursive ? 'rm -rf -- "$1"' : 'if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1"; else rm -f -- "$1"; fi';
  await runOrFail(commands, task, script, path);
}

/** Makes a folder and those above it. */
export async function makeFolder(commands: Commands, task: FileTask, path: string): Promise<void> {
  await runOrFail(commands, task, 'mkdir -p -- "$1"', path);
}

async function runOrFail(commands: Commands, { doing, idleTimeout, signal }: FileTask, script: string, path: string): Promise<CommandResult> {
  const result = await commands.run(['/bin/sh', '-c', script, 'sh', path], { timeout: `${idleTimeout}ms`, maxOutput: '64KiB', ...(signal ? { signal } : {}) });
  if (result.exitCode !== 0) throw fileError(doing, reasonIn(result.stderr), result.stderr.trim() || `exit code ${result.exitCode}`);
  return result;
}

function reasonIn(message: string): 'denied' | 'exists' | 'failed' {
  if (/permission denied|not permitted|read-only/i.test(message)) return 'denied';
  return /exists|not empty/i.test(message) ? 'exists' : 'failed';
}
