import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LOGS, PROJECT, cacheFolder } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

/** A guest, built from Debian's packages into the cache. @param {'micro' | 'debian12' | 'debian12-uefi'} name @returns {import('./steps.mjs').Step} */
export function guest(name) {
  const log = join(LOGS, `guest-${name}.log`);
  return {
    name: `guest ${name}`,
    // Made from the other, which it would build itself.
    after: ['Debian packages', ...(name === 'debian12-uefi' ? ['guest debian12'] : [])],
    // The build itself sees whether what lies there was made from the files as they are now.
    always: true,
    missing: () => (existsSync(join(cacheFolder(), 'guests', `${name}.json`)) ? undefined : { what: `build the guest '${name}' from Debian's packages` }),
    async run() {
      const { code, output } = await runProgram(join(PROJECT, 'scripts', 'guests', 'build'), [name], { log, timeoutMs: 1_800_000 });
      if (code !== 0) throw new StepFailure(`the build ended with ${code}`, output, log);
    },
  };
}
