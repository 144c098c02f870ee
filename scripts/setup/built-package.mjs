import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode } from './node-modules.mjs';
import { LOGS, PROJECT } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

const SOURCES = ['index.ts', 'lib', 'constructs', 'stacks', 'hooks-runtime', 'testing', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/schema-documents.mjs', 'scripts/validators.mjs', 'scripts/bundles.mjs'];
const STAMP = join(PROJECT, 'dist', '.built-from');

/** dist, built from the sources as they are now. @returns {import('./steps.mjs').Step} */
export function builtPackage() {
  const log = join(LOGS, 'build.log');
  return {
    name: 'build',
    after: ['npm packages'],
    missing: () => (isCurrent() ? undefined : { what: 'build the package into dist' }),
    async run() {
      const digest = digestOfSources();
      const { code, output } = await runProgram('npm', ['run', 'build'], { cwd: PROJECT, log, timeoutMs: 300_000, env: projectEnvironment() });
      if (code !== 0) throw new StepFailure(`npm run build ended with ${code}`, output, log);
      writeFileSync(STAMP, digest);
    },
  };
}

/** What programs of the project need to find the right Node and each other. */
export function projectEnvironment() {
  const bin = join(PROJECT, 'node_modules', '.bin');
  const own = projectNode() === process.execPath ? [] : [bin];
  return { PATH: [...own, process.env.PATH, bin].join(':') };
}

function isCurrent() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digestOfSources();
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesBelow(source))) hash.update(`${path}\0`).update(readFileSync(join(PROJECT, path))).update('\0');
  return hash.digest('hex');
}

/** @param {string} path @returns {string[]} */
function filesBelow(path) {
  if (!statSync(join(PROJECT, path)).isDirectory()) return [path];
  return readdirSync(join(PROJECT, path)).sort().flatMap((name) => filesBelow(join(path, name)));
}
