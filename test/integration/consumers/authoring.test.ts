import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { OwnHost } from '../fixtures/own-host';
import { PackedProject, PackedSandform } from '../fixtures/packed-project';

// Its guests come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

const PACKAGE = resolve(__dirname, '../../..');

let host: OwnHost;
let packed: PackedSandform;
let project: PackedProject;
beforeAll(async () => {
  host = await OwnHost.up('authoring');
  packed = new PackedSandform();
  project = new PackedProject(host, packed);
  const { exitCode, output } = await project.run('node', [join(PACKAGE, 'bin/sandform.js'), 'init', '.', '--stack', 'first', '--ci', 'gitlab']);
  expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
  project.installOwn();
}, 300_000);
afterAll(async () => {
  project?.[Symbol.dispose]();
  packed?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** Runs lines of a CI job as its runner would: one shell, ended by the first that fails. */
async function asJob(lines: readonly string[]): Promise<string> {
  const { exitCode, output } = await project.run('bash', ['-e', '-c', lines.join('\n')], { env: { CI: 'true' } });
  expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
  return output;
}

describe('a project of sandform init', () => {
  it('compiles and passes its tests, those of a new hook included', async () => {
    const { exitCode, stdout } = await project.run('sandform', ['hook', 'new', 'KeepPasswd', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ name: 'KeepPasswd', files: ['hooks/keep-passwd.test.ts', 'hooks/keep-passwd.ts'] });
    expect(readFileSync(join(project.folder, 'hooks/keep-passwd.ts'), 'utf8').split('\n').length).toBeLessThan(30);
    await asJob(['npx tsc', 'npm test -- --ci=false']);
  });

  it('has the types of every entry also where TypeScript reads packages as it used to', async () => {
    project.write('old.ts', ['', '/runtime', '/hooks', '/testing', '/testing/jest'].map((entry, index) => `import * as m${index} from 'sandform${entry}'; console.log(m${index});`).join('\n'));
    await asJob(['npx tsc --ignoreConfig --noEmit --ignoreDeprecations 6.0 --module commonjs --moduleResolution node10 --target es2022 --skipLibCheck --types node,jest old.ts', 'rm old.ts']);
  });

  it('refuses to write over what is there', async () => {
    expect(await project.run('sandform', ['init', '.', '--stack', 'first'])).toMatchObject({ exitCode: 2, errors: ['FILE_EXISTS'] });
    expect(await project.run('sandform', ['hook', 'new', 'keep-passwd'])).toMatchObject({ exitCode: 2, errors: ['FILE_EXISTS'] });
    expect(await project.run('sandform', ['hook', 'new', '../evil'])).toMatchObject({ exitCode: 2, errors: ['NAME_INVALID'] });
  });

  it('deploys, runs its new hook and destroys by its GitLab job, as it stands', async () => {
    const stack = readFileSync(join(project.folder, 'lab.ts'), 'utf8');
    writeFileSync(join(project.folder, 'lab.ts'), stack.replace('  return lab;', '  victim.addHook(new KeepPasswd());\n  return lab;').replace("from 'sandform/hooks';", "from 'sandform/hooks';\nimport { KeepPasswd } from './hooks/keep-passwd';"));
    const { default: defaults, sandboxes, expired } = parse(readFileSync(join(project.folder, '.gitlab-ci.yml'), 'utf8'));
    const [, ...before] = defaults.before_script as string[];
    // What is installed already is left out; the doctor finds faults with emulation.
    const script = (sandboxes.script as string[]).filter((line) => !/doctor/.test(line));
    const output = await asJob([...before, ...script]);
    expect(output).toMatch(/first\/victim: passed/);
    await asJob(sandboxes.after_script);
    await asJob([...before, ...(expired.script as string[])]);
    expect(await host.leftovers({ images: true })).toEqual([]);
  });

  it('does so by the GitHub job', async () => {
    const folder = join(project.folder, 'github');
    await project.run('sandform', ['init', folder, '--stack', 'first']);
    const { jobs } = parse(readFileSync(join(folder, '.github/workflows/sandboxes.yml'), 'utf8'));
    const steps = jobs.run.steps as { name?: string; uses?: string; run?: string; if?: string }[];
    const run = (name: string) => steps.find((step) => step.name === name)!.run!.split('\n').filter(Boolean);
    expect(steps.filter(({ if: when }) => when === 'always()').map(({ name }) => name)).toEqual(['Destroy', 'Keep the records']);
    await asJob(run('Take away what expired'));
    expect(await asJob(run('Deploy and run'))).toMatch(/first\/victim: passed/);
    await asJob(run('Destroy'));
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});

describe('the example of two sandboxes', () => {
  it('lets the client reach the server’s port, and nothing else', async () => {
    copyFileSync(join(PACKAGE, 'examples/isolated-lab/main.ts'), join(project.folder, 'main.ts'));
    await asJob(['npx cdktf deploy isolated-lab --auto-approve', 'npx sandform run isolated-lab/server -- true']);
    expect(await asJob(['npx sandform exec isolated-lab/client -- sh -c "until wget -qO- http://server/; do sleep 1; done"'])).toMatch(/welcome/);
    const other = await project.run('sandform', ['exec', 'isolated-lab/client', '--', 'nc', '-w', '3', 'server', '22']);
    expect(other.exitCode).not.toBe(0);
    const back = await project.run('sandform', ['exec', 'isolated-lab/server', '--', 'ping', '-c', '1', '-W', '2', 'client']);
    expect(back.exitCode).not.toBe(0);
    await asJob(['npx cdktf destroy isolated-lab --auto-approve']);
    expect(await host.leftovers({ images: true })).toEqual([]);
    expect(existsSync(join(project.folder, '.sandform/runs'))).toBe(true);
  });
});

describe('the example of containers', () => {
  it('serves a page to the one that may fetch it', async () => {
    copyFileSync(join(PACKAGE, 'examples/container/main.ts'), join(project.folder, 'main.ts'));
    await project.run(join(PACKAGE, 'examples/container/make-rootfs'), ['rootfs.tar.gz']);
    await asJob(['npx cdktf deploy container --auto-approve', 'npx sandform run container/server -- true']);
    expect(await asJob(['npx sandform exec container/client -- sh -c "until wget -qO- http://server/; do sleep 1; done"'])).toMatch(/welcome/);
    const other = await project.run('sandform', ['exec', 'container/client', '--', 'nc', '-w', '3', 'server', '22']);
    expect(other.exitCode).not.toBe(0);
    await asJob(['npx cdktf destroy container --auto-approve']);
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
