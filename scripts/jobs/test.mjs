/** The main job of `npm test`; runs on the project's Node. The last line that it prints sums everything up. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../setup/places.mjs';
import { ChildPrograms } from './child-program.mjs';
import { leftovers, packagedFilters } from './leftovers.mjs';
import { Finding, explain, timed } from './timed-steps.mjs';

/** Its own, so that tests of two working trees can run at once. */
const HOST = `test-${process.pid}`;
const LOGS = join(PROJECT, '.sandform', 'test');
const sum = { passed: 0, failed: 0, skipped: 0 };
/** Tests start Node by the hundred: what it compiled once is kept. */
const COMPILED = join(LOGS, 'compiled');
const programs = new ChildPrograms({ ...process.env, SANDFORM_TEST_HOST: HOST, NODE_COMPILE_CACHE: COMPILED }, PROJECT);

rmSync(LOGS, { recursive: true, force: true });
mkdirSync(LOGS, { recursive: true });
const treeBefore = await changedFiles();
// Integration tests also wait: what only works fills the gaps.
await Promise.all([integration(), process.argv.includes('--integration') ? undefined : withoutLibvirt()]);
await check('the tests left the working tree as it was', async () => assertEmpty((await changedFiles()).filter((file) => !treeBefore.includes(file))));

if (programs.interruptedBy) console.log(`Interrupted by ${programs.interruptedBy}: what came after did not run.`);
console.log(`Tests took ${(performance.now() / 60_000).toFixed(1)} min.`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = programs.interruptedBy ? 130 : sum.failed > 0 ? 1 : 0;

/** What needs no libvirt, one after the other. */
async function withoutLibvirt() {
  await done('lint', 'npm', ['run', '--silent', 'lint'], 'lint.log');
  await done('types', 'npm', ['run', '--silent', 'types'], 'types.log');
  await suite('unit');
  await suite('synth');
  await done('generated documents are what the code says', process.execPath, ['scripts/documents.mjs', '--check'], 'docs.log');
  await done('the interface is what its reports in docs/api say', process.execPath, ['scripts/api-report.mjs', '--check'], 'api.log');
  await done('the documentation makes a site', 'typedoc', [], 'site.log');
}

/** Integration tests run on a libvirt of their own, made new for them and empty when they end. */
async function integration() {
  const { HostInstance } = createRequire(import.meta.url)('../../dist/hooks-runtime/host');
  const host = await check('a libvirt for the integration tests', async () => {
    const abandoned = (await HostInstance.list()).filter(({ name, condition }) => /^test-\d+$/.test(name) && condition === 'stale');
    for (const { name } of abandoned) await HostInstance.down(name, { purge: true });
    return HostInstance.up({ name: HOST, lifetime: 'starter' });
  });
  if (!host) return;
  await suite('integration', { workers: 3 });
  await check('nothing is left on that libvirt', async () => {
    const packaged = packagedFilters();
    const processes = host.processIds('qemu-system-x86_64').map((pid) => `QEMU process ${pid}`);
    assertEmpty([...(await leftovers(host.uri, (name) => !packaged.has(name))), ...processes]);
  });
  await check('that libvirt is gone without a trace', async () => {
    await host.down({ purge: true });
    const { condition } = await HostInstance.status(HOST);
    assertEmpty(condition === 'down' ? [] : [`it is ${condition}`]);
  });
}

/** One check that passes or fails as a whole. @template T @param {string} title @param {() => Promise<T>} action @returns {Promise<T | undefined>} */
async function check(title, action) {
  if (programs.interruptedBy && !title.startsWith('that libvirt')) return undefined;
  try {
    const outcome = await timed(title, action);
    sum.passed += 1;
    return outcome;
  } catch (error) {
    sum.failed += 1;
    explain(error);
    return undefined;
  }
}

/** A program that passes with exit code 0. @param {string} title @param {string} program @param {readonly string[]} args @param {string} log */
function done(title, program, args, log) {
  return check(title, () => programs.run(program, args, { log: join(LOGS, log) }));
}

/** The tests of one jest project. @param {string} project @param {{ workers?: number }} [options] */
async function suite(project, { workers = 1 } = {}) {
  if (programs.interruptedBy) return;
  const outcome = join(LOGS, `${project}.json`);
  const args = ['--selectProjects', project, '--ci', '--passWithNoTests', `--maxWorkers=${workers}`, '--json', `--outputFile=${outcome}`];
  const failure = await programs.run('jest', args, { timeoutMs: 3_600_000, discardStdout: true }).then(() => undefined, (error) => error);
  if (!existsSync(outcome)) {
    sum.failed += 1;
    explain(failure ?? new Finding(`jest left no outcome of the ${project} tests`));
    return;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(outcome, 'utf8'));
  sum.passed += numPassedTests;
  sum.skipped += numPendingTests + numTodoTests;
  sum.failed += numFailedTests + numRuntimeErrorTestSuites;
  // For example handles that stay open, or a coverage that is too low.
  if (failure && numFailedTests + numRuntimeErrorTestSuites === 0) sum.failed += 1;
}

/** @param {readonly string[]} found */
function assertEmpty(found) {
  if (found.length > 0) throw new Finding(`found: ${found.join(', ')}`);
}

/** What git sees as changed or new; none where this is no clone. */
async function changedFiles() {
  try {
    const { stdout } = await promisify(execFile)('git', ['status', '--porcelain'], { cwd: PROJECT });
    return stdout.split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
