/**
 * Measures against peers, side by side, and prints medians and ratios. Sets up what is missing first.
 *
 *   npm run bench [-- events|synth|deploy|cold|images|command|calls ...] [-- --json]
 */
import { runEntry, runOnProjectNode } from './setup/entry.mjs';
import { setUp } from './setup/set-up.mjs';

const args = process.argv.slice(2);
await runEntry(async () => {
  await setUp('bench', args, (line) => console.error(line));
  return runOnProjectNode('jobs/bench.mjs', args);
});
