import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listRuns } from '../../../hooks-runtime/record';
import { eventually } from '../fixtures/eventually';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('faults-interrupted');
  project = TestProject.create(host, `new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.micro(), power: 'managed' });`);
  await project.deployed('lab');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

const isRunning = () => eventually('the sandbox to run', () => host.virsh('domstate', 'lab-victim').trim() === 'running');

describe('a run that is ended', () => {
  it.each([
    ['by Ctrl-C while its command runs', 'SIGINT', 130, 'command'],
    ['by SIGTERM while its command runs', 'SIGTERM', 143, 'command'],
    ['by Ctrl-C while the guest boots', 'SIGINT', 130, 'boot'],
  ] as const)('%s says so, powers the sandbox off again and leaves no process', async (_, signal, exitCode, moment) => {
    const run = project.sandform('run', 'lab/victim', '--', 'sh', '-c', 'echo up; sleep 1000');
    await (moment === 'boot' ? isRunning() : run.shows(/up\n/));
    run.kill(signal);
    expect(await run.end).toMatchObject({ exitCode });

    const { runs } = await listRuns(project.runs);
    const record = runs.find(({ run: { verdict } }) => verdict?.reasons.some(({ details }) => details?.['signal'] === signal));
    expect(record?.run).toMatchObject({ status: 'interrupted', verdict: { outcome: 'interrupted' } });
    expect(existsSync(join(record!.folder, 'report.html'))).toBe(true);
    expect(host.virsh('domstate', 'lab-victim').trim()).toBe('shut off');
    const left = await host.leftovers({ images: true });
    expect(left.filter((name) => name.startsWith('process') || name.startsWith('registered'))).toEqual([]);
  });
});

describe('a run that loses what it runs on', () => {
  it('ends with SANDBOX_GONE where an operator kills the guest, and the next run is well', async () => {
    const run = project.sandform('run', 'lab/victim', '--', 'sh', '-c', 'echo up; sleep 1000');
    await run.shows(/up\n/);
    host.virsh('destroy', 'lab-victim');
    const end = await run.end;
    expect(end.exitCode).toBe(1);
    expect(end.output).toContain('SANDBOX_GONE');
  });

  it('ends with LIBVIRT_LOST where libvirtd is killed', async () => {
    const run = project.sandform('run', 'lab/victim', '--', 'sh', '-c', 'echo up; sleep 1000');
    await run.shows(/up\n/);
    for (const pid of host.instance.processIds('libvirtd')) process.kill(pid, 'SIGKILL');
    const end = await run.end;
    expect(end.exitCode).toBe(1);
    expect(end.output).toContain('LIBVIRT_LOST');
    await eventually('libvirt to be back', async () => (await project.sandform('ps').end).exitCode === 0);
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
