import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(__dirname, '../../../bin');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-compiled-'));
  for (const name of ['home', 'tmp']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['the command line', "process.argv.push('--version'); require('./sandform.js')"],
  ['the companion', "require('./companion.js')"],
])('%s keeps compiled code among its user’s files, and none where others can write', (_, program) => {
  const environment = { PATH: process.env['PATH'], HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp') };
  // The companion is given nothing, and says so.
  execFileSync('sh', ['-c', '"$0" -e "$1" || :', process.execPath, program], { cwd: BIN, env: environment, stdio: 'ignore', timeout: 30_000 });
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(readdirSync(join(folder, 'home/.cache/sandform/compiled'))).toHaveLength(1);
});
