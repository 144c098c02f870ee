/**
 * Sets up what is missing, then checks everything: lint, types, build, unit, synth and integration tests, and that nothing is
 * left behind. Integration tests have a libvirt of their own.
 *
 *   npm test [-- --yes|--plan] [-- --integration]
 */
import { runEntry, runOnProjectNode } from './setup/entry.mjs';
import { setUp } from './setup/set-up.mjs';

const args = process.argv.slice(2);
await runEntry(async () => {
  await setUp('test', args);
  return runOnProjectNode('jobs/test.mjs', args);
});
