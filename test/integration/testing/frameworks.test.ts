import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

const MODULES = resolve(__dirname, '../../../node_modules');

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('testing');
  project = TestProject.create(host, '');
  for (const name of ['jest', 'vitest']) symlinkSync(join(MODULES, name), join(project.folder, 'node_modules', name));
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const nothingLeft = () => eventually('the sandboxes to go', async () => (await host.leftovers({ images: true })).length === 0);

/** The same tests, in the words of both frameworks. */
const TESTS = {
  plan: `
    test('the plan', () => {
      const { lab } = synthesize((app) => new Sandbox(new SandboxStack(app, 'lab', { app: 'consumer' }), 'one', { guest: Guest.micro(), vcpus: 2 }));
      expect(lab).toHaveSandbox('one', { domain: { vcpus: 2 } });
      expect(() => expect(lab).toHaveSandbox('two')).toThrow("no sandbox 'two'");
      expect(lab).toUpdateInPlace(lab);
      expect(lab).toMatchSnapshot();
    });`,
  worker: `
    const shared = sandbox({ guest: 'micro', scope: 'worker' });
    test('a shared sandbox', async () => {
      const { stdout } = await shared().commands.run('echo x >>/root/seen; wc -l </root/seen');
      appendFileSync('shared', shared().address + ' ' + stdout.trim() + '\\n');
    });
    test('a shared sandbox, again', async () => {
      const { stdout } = await shared().commands.run('echo x >>/root/seen; wc -l </root/seen');
      appendFileSync('shared', shared().address + ' ' + stdout.trim() + '\\n');
    });`,
  test: `
    const fresh = sandbox({ guest: 'micro' });
    test('a fresh sandbox', async () => {
      await fresh().commands.run('echo seen on the console >/dev/console');
      appendFileSync('fresh', fresh().address + '\\n');
    });
    test('waits in vain', async () => {
      appendFileSync('fresh', fresh().address + '\\n');
      await fresh().commands.run('echo seen on the console >/dev/console');
      await fresh().waitFor('a unicorn', () => false, { timeout: '1s' });
    });`,
};
const REQUIRES = `const { appendFileSync } = require('node:fs'); const { Guest, Sandbox, SandboxStack } = require('sandform'); const { sandbox, synthesize } = require('sandform/testing/jest');`;
const IMPORTS = `import { appendFileSync } from 'node:fs'; import { expect, test } from 'vitest'; import { Guest, Sandbox, SandboxStack } from 'sandform'; import { sandbox, synthesize } from 'sandform/testing/vitest';`;

const lines = (file: string) => readFileSync(join(project.folder, file), 'utf8').trim().split('\n');

describe.each([
  // Under CI both would write no snapshot.
  ['jest', ['--runInBand', '--ci=false', '--testTimeout=60000'], 'test.js', REQUIRES],
  ['vitest', ['run', '--dir', 'vitest', '--update', '--no-file-parallelism', '--no-isolate', '--testTimeout=60000'], 'test.mjs', IMPORTS],
] as const)('the test kit with %s', (framework, args, extension, head) => {
  it('provides sandboxes per test and per worker, matchers, snapshots, and failures that tell what was seen', async () => {
    for (const file of ['shared', 'fresh']) if (existsSync(join(project.folder, file))) project.write(file, '');
    project.write(`${framework}/plan.${extension}`, `${head}${TESTS.plan}`);
    project.write(`${framework}/one.${extension}`, `${head}${TESTS.worker}`);
    project.write(`${framework}/two.${extension}`, `${head}${TESTS.worker}`);
    project.write(`${framework}/fresh.${extension}`, `${head}${TESTS.test}`);
    // Nothing needs a transform; Sandform itself would get one, since it is linked here and not installed.
    if (framework === 'jest') project.write('jest.config.js', `module.exports = { testMatch: ['<rootDir>/**/*.test.js'], transform: {} };`);
    const { output, exitCode } = await project.tool(framework, args, { deadline: 240_000 }).end;
    // All but one pass, and that one tells what could be seen.
    expect(output).toMatch(/1 failed.*6 passed/);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/WAIT_IN_VAIN {2}adhoc-[0-9a-f]{8}\/guest: waiting 1s for a unicorn/);
    expect(output).toMatch(/screenshot .*\/artifacts\/[\w.-]+/);
    expect(output).toMatch(/console, at its end:[^]*seen on the console/);
    const [, record = ''] = /record (\/\S+)/.exec(output) ?? [];
    expect(readFileSync(join(record, 'report.html'), 'utf8')).toContain('seen on the console');
    expect(new Set(lines('fresh')).size).toBe(2);
    const shared = lines('shared').map((line) => line.split(' '));
    expect({ sandboxes: new Set(shared.map(([address]) => address)).size, seen: shared.map(([, count]) => count) }).toEqual({ sandboxes: 1, seen: ['1', '2', '3', '4'] });
    expect(existsSync(join(project.folder, framework, '__snapshots__', `plan.${extension}.snap`))).toBe(true);
    await nothingLeft();
  }, 300_000);
});

describe('a test run that was killed', () => {
  it('leaves no sandbox', async () => {
    project.write('hangs.test.js', `${REQUIRES} const one = sandbox({ guest: 'micro' }); test('hangs', async () => { console.error('sandbox is there'); await one().commands.run('sleep 1000'); }, 100000);`);
    const program = project.tool('jest', ['--runInBand', 'hangs']);
    await program.shows(/sandbox is there/);
    program.kill('SIGKILL');
    await program.end;
    await nothingLeft();
  });
});
