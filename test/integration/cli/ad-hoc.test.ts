import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('cli-ad-hoc');
  project = TestProject.create(host, '');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const folders = () => (existsSync(join(project.folder, '.sandform/adhoc')) ? readdirSync(join(project.folder, '.sandform/adhoc')) : []);
const nothingLeft = async () => expect({ host: await host.leftovers({ images: true }), folders: folders() }).toEqual({ host: [], folders: [] });

describe('sandform run GUEST', () => {
  it('runs a command in a sandbox of its own, ends with its code, and leaves nothing', async () => {
    const { exitCode, output, stdout } = await project.sandform('run', 'micro', '--network', '--', 'sh', '-c', 'echo inside; until ip link show eth0; do sleep 0.1; done; exit 7').end;
    expect(stdout).toMatch(/^inside\n/);
    expect(stdout).toMatch(/eth0/);
    expect(output).toMatch(/guest +ready after \d+\.\d s\n +command +exit code 7, [^]*left +nothing/);
    expect(exitCode).toBe(7);
    await nothingLeft();
  });

  it('tells it as one JSON document', async () => {
    const { stdout } = await project.expectDone(project.sandform('run', 'micro', '--json', '--memory', '160MiB', '--', 'head', '-1', '/proc/meminfo'));
    const { command, left, guestReady, verdict } = JSON.parse(stdout);
    expect({ left, outcome: verdict.outcome, kilobytes: Number(/MemTotal: +(\d+)/.exec(command.stdout)![1]) }).toEqual({ left: [], outcome: 'passed', kilobytes: expect.any(Number) });
    expect(guestReady).toBeGreaterThan(0);
    expect(Number(/(\d+) kB/.exec(command.stdout)![1])).toBeGreaterThan(120_000);
  });

  it('keeps the sandbox where asked to, until its TTL is over', async () => {
    await project.expectDone(project.sandform('run', 'micro', '--keep', '--ttl', '1s', '--', 'true'));
    const [sandbox] = JSON.parse((await project.expectDone(project.sandform('ps', '--json'))).stdout).sandboxes;
    expect(sandbox).toMatchObject({ state: 'running', address: expect.stringMatching(/^adhoc-[0-9a-f]{8}\/guest$/) });
    expect(folders()).toHaveLength(1);
    await eventually('its expiry', () => Date.parse(sandbox.expiry) < Date.now());
    await project.expectDone(project.sandform('reap', '--expired'));
    // The next one clears the folder of what is gone.
    await project.expectDone(project.sandform('run', 'micro', '--', 'true'));
    await nothingLeft();
  });

  it.each([
    ['while it deploys', /is described/],
    ['while its command runs', /ready\n/],
  ])('interrupted %s, destroys what there is', async (_, moment) => {
    const program = project.sandform('run', 'micro', '--', 'sh', '-c', 'echo ready; sleep 60');
    await program.shows(moment);
    program.kill('SIGINT');
    expect(await program.end).toMatchObject({ exitCode: 130 });
    await nothingLeft();
  });

  it('killed, leaves what the reaper takes', async () => {
    const program = project.sandform('run', 'micro', '--', 'sh', '-c', 'echo ready; sleep 60');
    await program.shows(/ready\n/);
    program.killTree();
    await program.end;
    await project.expectDone(project.sandform('reap', '--all'));
    await project.expectDone(project.sandform('run', 'micro', '--', 'true'));
    await nothingLeft();
  });

  it('refuses an image that is none before anything is made', async () => {
    project.write('letter.qcow2', 'Dear Sir or Madam');
    for (const [image, code] of [['missing.qcow2', 'IMAGE_MISSING'], ['./letter.qcow2', 'IMAGE_NOT_A_DISK']] as const) {
      const { exitCode, errors } = await project.sandform('run', image, '--', 'true').end;
      expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: expect.arrayContaining([code]) });
    }
    await nothingLeft();
  });
});
