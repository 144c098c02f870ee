/** The main job of `npm run bench`; runs on the project's Node with the package built. */
import { PROJECT } from '../setup/places.mjs';
import { ChildPrograms } from './child-program.mjs';
import { explain } from './timed-steps.mjs';

const programs = new ChildPrograms({ ...process.env, UV_THREADPOOL_SIZE: '16' }, PROJECT);
try {
  await programs.run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)], { timeoutMs: 3_600_000 });
} catch (error) {
  explain(error);
  process.exitCode = 1;
}
