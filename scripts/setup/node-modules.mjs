import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOGS, PROJECT } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

/** The project's npm packages, among them the Node that it runs on. @returns {import('./steps.mjs').Step} */
export function nodeModules() {
  const log = join(LOGS, 'npm.log');
  return {
    name: 'npm packages',
    missing() {
      if (areInstalled()) return undefined;
      const node = isSuitable(process.versions.node) ? '' : `, among them Node ${packageLock().packages['node_modules/node'].version} (${process.version} runs, >= 22.19 and < 23 is needed)`;
      return { what: `install the project's npm packages into node_modules${node}` };
    },
    async run() {
      // What npm has in its cache is what the lock file's digests say, whoever is asked.
      const { code, output } = await runProgram('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: PROJECT, log, timeoutMs: 900_000 });
      if (code !== 0) throw new StepFailure(`npm ci ended with ${code}`, output, log);
    },
  };
}

/** The Node that the project runs on: cdktf-cli's terminal binding is made for 22, and not for what came after. */
export function projectNode() {
  return isSuitable(process.versions.node) ? process.execPath : join(PROJECT, 'node_modules', '.bin', 'node');
}

/** @param {string} version */
function isSuitable(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 && minor >= 19;
}

/** npm writes down what it installed; it is all there when each entry of our lock file has the same version there. */
function areInstalled() {
  const record = join(PROJECT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: there } = JSON.parse(readFileSync(record, 'utf8'));
  return Object.entries(packageLock().packages).every(([path, { version, optional }]) => path === '' || optional || there[path]?.version === version);
}

function packageLock() {
  return JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8'));
}
