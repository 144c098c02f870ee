import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestHost } from '../host';

const execute = promisify(execFile);

/** Runs a command in the network of a test's libvirt, and gives what it printed. */
export async function inside({ instance }: Pick<TestHost, 'instance'>, ...command: readonly string[]): Promise<string> {
  const [program = '', ...args] = instance.inside(command);
  return (await execute(program, args, { timeout: 30_000 })).stdout;
}
