/** The main job of `npm run quickstart`; runs on the project's Node with the package built. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runningLibvirt } from '../setup/libvirt.mjs';
import { PROJECT } from '../setup/places.mjs';
import { ChildPrograms } from './child-program.mjs';
import { leftovers } from './leftovers.mjs';
import { Finding, explain, timed } from './timed-steps.mjs';

const { HostInstance, toolEnvironment } = createRequire(import.meta.url)('../../dist/hooks-runtime/host');

const STACK = 'quickstart';
const SANDBOX = `${STACK}/hello`;
const COMMAND = ['sh', '-c', 'echo "Hello from $(uname -sr), booted $(cut -d" " -f1 /proc/uptime) s ago."; id; echo "In /: $(ls / | tr "\\n" " ")"'];
const RUNS = join(PROJECT, '.sandform', 'runs');
const LOGS = join(PROJECT, '.sandform', 'quickstart');

const begun = performance.now();
let ownHost;
let exitCode = 1;
try {
  const running = await runningLibvirt();
  if (running === undefined) ownHost = await timed('a libvirt of our own, in namespaces of its own', () => HostInstance.up({ lifetime: 'starter' }));
  const uri = ownHost?.uri ?? running;
  console.log(`            libvirt at ${uri}`);
  exitCode = await deployRunDestroy(uri);
} catch (error) {
  explain(error);
} finally {
  if (ownHost) await timed('our own libvirt is stopped', () => ownHost.down());
}
console.log(`${exitCode === 0 ? 'Done' : 'Failed'} after ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
process.exitCode = exitCode;

/** @param {string} uri @returns {Promise<number>} exit code */
async function deployRunDestroy(uri) {
  const { variables, notes } = await toolEnvironment();
  for (const note of notes.filter((text) => text.startsWith('SANDFORM_ACCELERATOR'))) console.log(`            ${note}`);
  const environment = { ...process.env, ...variables, LIBVIRT_DEFAULT_URI: uri, SANDFORM_RUNS: RUNS };
  // Under CI cdktf writes plain lines instead of redrawing a terminal.
  Object.assign(environment, { CI: 'true', FORCE_COLOR: '0' });
  const programs = new ChildPrograms(environment, PROJECT);
  const cdktf = (action, options) => programs.run('cdktf', [action, STACK, '--auto-approve'], { log: join(LOGS, `${action}.log`), ...options });
  const sandform = (args, options) => programs.run(process.execPath, [join(PROJECT, 'bin', 'sandform.js'), ...args], options);
  const isOurs = (name) => name.startsWith(`${STACK}-`);
  if ((await leftovers(uri, isOurs)).length > 0) {
    await timed('what an earlier quickstart left when it was killed is removed', () => sandform(['reap', STACK], { log: join(LOGS, 'reap.log') }));
  }
  mkdirSync(RUNS, { recursive: true });
  const before = new Set(readdirSync(RUNS));
  let failure;
  try {
    await timed(`cdktf deploy ${STACK}`, () => cdktf('deploy'));
    await timed(`sandform run ${SANDBOX}`, () => sandform(['run', SANDBOX, '--', ...COMMAND]));
  } catch (error) {
    failure = error;
  }
  failure = await timed(`cdktf destroy ${STACK}`, () => cdktf('destroy', { cleanUp: true })).then(() => failure, async (error) => {
    await timed(`sandform reap ${STACK}`, () => sandform(['reap', STACK], { cleanUp: true }));
    return failure ?? error;
  });
  const left = await timed('looking for what is left', () => leftovers(uri, isOurs));
  if (left.length > 0) failure ??= new Finding(`left behind: ${left.join(', ')}`);
  else console.log('            nothing: no domain, container, network, filter or volume');
  const report = readdirSync(RUNS).filter((run) => !before.has(run)).map((run) => join(RUNS, run, 'report.html')).find((path) => existsSync(path));
  if (report) console.log(`\nThe report of the run: ${report}\n`);
  else failure ??= new Finding(`the run left no report in ${RUNS}`);
  if (!failure) return 0;
  if (programs.interruptedBy) console.error(`Interrupted by ${programs.interruptedBy}.`);
  else explain(failure);
  return programs.interruptedBy ? 130 : 1;
}
