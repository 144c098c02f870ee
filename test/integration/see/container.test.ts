import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RunRecord } from '../../../hooks-runtime/record';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

jest.setTimeout(300_000);

const PACKAGE = resolve(__dirname, '../../..');
const EXAMPLE = join(PACKAGE, 'examples/see-migration');

let host: OwnHost;
let project: TestProject;
/** Below which each sandbox gets a folder; SEE made it where it was missing. */
let shared: string;
beforeAll(async () => {
  host = await OwnHost.up('see-container');
  project = TestProject.create(host, '');
  for (const file of ['container.json', 'container-hooks.json', 'container.xml', 'sample.sh', 'make-root.sh', 'agent.sh']) cpSync(join(EXAMPLE, file), join(project.folder, file));
  execFileSync('sh', ['make-root.sh'], { cwd: project.folder, stdio: 'pipe' });
  shared = join(project.folder, 'var/shared');
  project.write('container.json', readFileSync(join(EXAMPLE, 'container.json'), 'utf8').replace('/var/see/shared', shared).replace('lxc:///', host.lxcUri));
  chmodSync(project.folder, 0o711);
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** The command line where containers of the test's libvirt can be reached. */
function see(...args: readonly string[]): Program {
  const [program = '', ...words] = host.instance.inside([process.execPath, join(PACKAGE, 'bin/sandform.js'), 'see', ...args]);
  return Program.start(program, words, { cwd: project.folder, env: host.environment });
}

const run = (...more: readonly string[]) => see('run', '--context', 'container.json', '--hooks', 'container-hooks.json', '--sample', 'sample.sh', '--command', 'sh {sample}', ...more);
const folders = () => (existsSync(shared) ? readdirSync(shared) : []);
const nothingLeft = async () => {
  expect(await host.leftovers({ images: true })).toEqual([]);
  expect(existsSync(join(project.folder, 'var'))).toBe(false);
};

describe("an LXC context of SEE's", () => {
  it('runs with its hooks and a folder of its own, and leaves a record and nothing else', async () => {
    const running = run('--wait', '2s', '--json');
    let written = '';
    await eventually('what the sample writes', () => {
      const [folder] = folders();
      const file = join(shared, folder ?? '', 'trace');
      if (folder !== undefined && existsSync(file)) written = readFileSync(file, 'utf8');
      return written !== '' || running.hasEnded;
    });
    const { stdout } = await project.expectDone(running);
    expect(written).toBe('a trace of the sample\n');
    const { folder, left, verdict, told } = JSON.parse(stdout) as { folder: string; left: string[]; verdict: { outcome: string }; told: Record<string, number> };
    expect({ left, outcome: verdict.outcome, answers: told['agent_answered'] }).toEqual({ left: [], outcome: 'passed', answers: 1 });
    const record = await RunRecord.open(folder);
    const [answer] = record.artifacts('agent-answer');
    expect(JSON.parse(readFileSync(join(folder, answer!.file), 'utf8'))).toMatchObject({ exit_code: 0, command_output: expect.stringContaining('ran as root on Linux') });
    const [trace] = record.artifacts('network');
    expect(readFileSync(join(folder, trace!.file)).includes('ran as root')).toBe(true);
    // The original is never written.
    expect(existsSync(join(project.folder, 'root/root/trace'))).toBe(false);
    await nothingLeft();
  });

  it('that fails on the way leaves nothing, nor what one left before that was killed as it began', async () => {
    const killed = run();
    await eventually('a folder', () => folders().length > 0);
    killed.killTree();
    await killed.end;
    expect(folders()).toHaveLength(1);
    project.write('bad.xml', readFileSync(join(project.folder, 'container.xml'), 'utf8').replace('/bin/sh', '/bin/gone'));
    project.write('bad.json', readFileSync(join(project.folder, 'container.json'), 'utf8').replace('container.xml', 'bad.xml'));
    const end = await see('run', '--context', 'bad.json', '--wait', '0s').end;
    expect(end.exitCode).not.toBe(0);
    expect(readdirSync(join(project.folder, '.sandform/adhoc'))).toEqual([]);
    await nothingLeft();
  });

  it('whose folder the container could not enter is told so', async () => {
    chmodSync(project.folder, 0o700);
    expect((await see('run', '--context', 'container.json').end).errors).toEqual(['CONTAINER_FAILED']);
    chmodSync(project.folder, 0o711);
    await nothingLeft();
  });

  it('that was killed leaves what the reaper takes, the folder included', async () => {
    const killed = run();
    await killed.shows(/is deployed/);
    killed.killTree();
    await killed.end;
    const [stack = ''] = folders();
    const { removed } = JSON.parse((await project.expectDone(project.sandform('reap', stack, '--json'))).stdout) as { removed: { kind: string; name: string }[] };
    expect(removed).toContainEqual({ kind: 'folder', name: join(shared, stack), stack });
    await nothingLeft();
  });

  it('becomes a stack that deploys', async () => {
    await project.expectDone(see('import', '--context', 'container.json', '--hooks', 'container-hooks.json', '--output', 'main.ts', '--stack', 'lab'));
    project.write('var/shared/lab/note', '');
    const [program = '', ...words] = host.instance.inside([process.execPath, '--import', join(PACKAGE, 'node_modules/tsx/dist/loader.mjs'), 'main.ts']);
    execFileSync(program, words, { cwd: project.folder, env: { ...process.env, ...host.environment }, stdio: 'pipe' });
    await project.expectDone(await project.apply('lab'));
    expect(await project.planIsClean('lab')).toBe(true);
    const { stdout } = await project.expectDone(project.sandform('run', 'lab/sandbox', '--json', '--', 'ls', '/results'));
    expect(stdout).toContain('note');
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
