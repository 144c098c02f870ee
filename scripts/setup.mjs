/**
 * Brings a machine to where `npm run quickstart`, `npm test` or `npm run bench` can do their job; they do it themselves.
 *
 *   node scripts/setup.mjs quickstart|test|bench [--yes] [--plan]
 *
 * Runs on any Node from 18, before anything of the project is installed, and so uses nothing but Node's own modules.
 */
import { runEntry } from './setup/entry.mjs';
import { SetUpStopped, setUp } from './setup/set-up.mjs';

const [purpose, ...args] = process.argv.slice(2);
await runEntry(async () => {
  if (!['quickstart', 'test', 'bench'].includes(purpose)) throw new SetUpStopped('usage: node scripts/setup.mjs quickstart|test|bench [--yes] [--plan]');
  await setUp(purpose, args);
  return 0;
});
