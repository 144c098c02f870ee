/**
 * The whole way once, on this machine: sets up what is missing, then deploys the sandbox of examples/quickstart, runs a
 * command in it, writes the record and destroys it.
 *
 *   npm run quickstart [-- --yes|--plan]
 */
import { runEntry, runOnProjectNode } from './setup/entry.mjs';
import { setUp } from './setup/set-up.mjs';

await runEntry(async () => {
  await setUp('quickstart', process.argv.slice(2));
  return runOnProjectNode('jobs/quickstart.mjs', []);
});
