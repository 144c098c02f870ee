import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Those that take longest, the longest first: one of them that began last would run on alone when all others have ended. */
const LONGEST = [
  'consumers/authoring',
  'faults/killed-deploy',
  'consumers/cdks',
  'testing/frameworks',
  'guest-connection',
  'cli/ad-hoc',
  'networks/egress',
  'networks/networks',
  'faults/killed-run',
  'reap/redeploy',
  'updates',
  'guest-firmware',
  'see/image-providers',
  'lifecycle',
  'faults/killed-destroy',
  'containers/container',
].map((name) => join(import.meta.dirname, 'integration', `${name}.test.ts`));

/** Begins with what takes longest. What follows goes by size, as jest has it where it remembers no times. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const gone = LONGEST.filter((file) => !existsSync(file));
    if (gone.length > 0) throw new Error(`longest-first.mjs names what is not there: ${gone.join(', ')}`);
    const place = ({ path }) => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other));
  }
}
