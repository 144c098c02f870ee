import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { projectEnvironment } from './built-package.mjs';
import { projectNode } from './node-modules.mjs';
import { PROJECT } from './places.mjs';
import { SetUpStopped } from './set-up.mjs';

/** Runs what a script is for and ends the process with the exit code that it returns. @param {() => Promise<number>} main */
export async function runEntry(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetUpStopped)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Hands over to a script that needs the project's Node and the built package. Signals are passed on, and its end waited
 * for, so that it can clean up.
 *
 * @param {string} script below scripts/
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export function runOnProjectNode(script, args) {
  const child = spawn(projectNode(), [join(PROJECT, 'scripts', script), ...args], { cwd: PROJECT, env: { ...process.env, ...projectEnvironment() }, stdio: 'inherit', detached: true });
  // A session of its own keeps the terminal from sending Ctrl-C to both: the script gets each signal once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
