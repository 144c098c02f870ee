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
const programs = new ChildPrograms({ ...process.env, SANDFORM_TEST_HOST: HOST }, PROJECT);

rmSync(LOGS, { recursive: true, force: true });
mkdirSync(LOGS, { recursive: true });
const treeBefore = await changedFiles();
if (!process.argv.includes('--integration')) {
  // Each of both keeps one processor busy, for about as long.
  await Promise.all([
    inTurn(['lint', 'npm', ['run', '--silent', 'lint'], 'lint.log'], ['generated documents are what the code says', process.execPath, ['scripts/documents.mjs', '--check'], 'docs.log']),
    inTurn(
      ['types', 'npm', ['run', '--silent', 'types'], 'types.log'],
      ['the documentation makes a site', 'typedoc', [], 'site.log'],
      ['the interface is what its reports in docs/api say', process.execPath, ['scripts/api-report.mjs', '--check'], 'api.log'],
    ),
  ]);
  await suite('unit');
  await suite('synth');
}
await integration();
await check('the tests left the working tree as it was', async () => assertEmpty((await changedFiles()).filter((file) => !treeBefore.includes(file))));

if (programs.interruptedBy) console.log(`Interrupted by ${programs.interruptedBy}: what came after did not run.`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = programs.interruptedBy ? 130 : sum.failed > 0 ? 1 : 0;

/** Integration tests run on a libvirt of their own, made new for them and empty when they end. */
async function integration() {
  const { HostInstance } = createRequire(import.meta.url)('../../dist/hooks-runtime/host');
  const host = await check('a libvirt for the integration tests', async () => {
    const abandoned = (await HostInstance.list()).filter(({ name, condition }) => /^test-\d+$/.test(name) && condition === 'stale');
    for (const { name } of abandoned) await HostInstance.down(name, { purge: true });
    return HostInstance.up({ name: HOST, lifetime: 'starter' });
  });
  if (!host) return;
  await Promise.all([suite('waiting', { workers: 1, log: join(LOGS, 'waiting.log') }), suite('integration')]);
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

/** Programs, one after the other, each a check that passes with exit code 0. @param {readonly [title: string, program: string, args: readonly string[], log: string][]} checks */
async function inTurn(...checks) {
  for (const [title, program, args, log] of checks) await check(title, () => programs.run(program, args, { log: join(LOGS, log) }));
}

/** The tests of one jest project; without a log, jest itself shows them. @param {string} project @param {{ workers?: number, log?: string }} [options] */
async function suite(project, { workers = 2, log } = {}) {
  if (programs.interruptedBy) return;
  console.log(`\n${project} tests${log ? `: ${log}` : ''}`);
  const outcome = join(LOGS, `${project}.json`);
  const args = ['--selectProjects', project, '--ci', '--passWithNoTests', `--maxWorkers=${workers}`, '--json', `--outputFile=${outcome}`];
  const failure = await programs.run('jest', args, { timeoutMs: 3_600_000, discardStdout: true, log }).then(() => undefined, (error) => error);
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
  if (failure && log) explain(failure);
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
