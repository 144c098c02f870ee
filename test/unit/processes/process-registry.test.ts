import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, processIdentity, registeredProcesses, registerProcess, registryFolder } from '../../../hooks-runtime/processes';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sandform-processes-')), 'processes');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('the registry of processes', () => {
  it('lists a process until it is disposed of', () => {
    const registration = registerProcess({ what: 'run', address: 'lab/victim', uri: 'qemu:///system' }, folder);
    expect(registeredProcesses(folder)).toMatchObject([{ process: { pid: process.pid }, what: 'run', address: 'lab/victim', uri: 'qemu:///system' }]);
    registration[Symbol.dispose]();
    expect(registeredProcesses(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lists one process once for each thing that it does', () => {
    using _one = registerProcess({ what: 'run', address: 'lab/one' }, folder);
    using _two = registerProcess({ what: 'run', address: 'lab/two' }, folder);
    expect(registeredProcesses(folder).map(({ address }) => address).sort()).toEqual(['lab/one', 'lab/two']);
  });

  it('names the nearest ancestor that it works for', () => {
    using _registration = registerProcess({ what: 'companion', worksFor: ['node'] }, folder);
    const [entry] = registeredProcesses(folder);
    expect(entry?.worksFor === undefined || processIdentity(entry.worksFor.pid)?.startTime === entry.worksFor.startTime).toBe(true);
  });

  it('forgets those that have ended, those whose id another process has, and what is no entry', () => {
    using registration = registerProcess({ what: 'run' }, folder);
    void registration;
    const now = registeredProcesses(folder)[0]!;
    writeFileSync(join(folder, 'reused.json'), JSON.stringify({ ...now, process: { ...now.process, startTime: '1' } }));
    writeFileSync(join(folder, 'other-boot.json'), JSON.stringify({ ...now, process: { ...now.process, bootId: 'x' } }));
    writeFileSync(join(folder, 'init.json'), JSON.stringify({ ...now, process: { ...processIdentity(1), pid: 1 } }));
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(registeredProcesses(folder)).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('refuses a folder that others may write into', () => {
    registerProcess({ what: 'run' }, folder)[Symbol.dispose]();
    chmodSync(folder, 0o777);
    expect(() => registerProcess({ what: 'run' }, folder)).toThrow(expect.objectContaining({ code: 'HOST_UNSUPPORTED' }));
  });

  it('is empty where there is none', () => {
    expect(registeredProcesses(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('lies where nobody else can write', () => {
    expect(registryFolder({ XDG_RUNTIME_DIR: '/run/user/1000' })).toBe(process.geteuid?.() === 0 ? '/run/sandform/processes' : '/run/user/1000/sandform/processes');
  });
});

describe('ending a process', () => {
  it('asks first, and kills where that is not enough', async () => {
    const polite = spawn('sleep', ['60']);
    const stubborn = spawn('sh', ['-c', "trap '' TERM; echo ready; while :; do sleep 0.1; done"], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(stubborn.stdout, 'data');
    const ends = Promise.all([once(polite, 'exit'), once(stubborn, 'exit')]);
    await Promise.all([polite, stubborn].map(({ pid }) => endProcess(processIdentity(pid!)!, { graceMs: 300 })));
    expect((await ends).map(([, signal]) => signal as string)).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('leaves alone a process that only has the same id', async () => {
    const child = spawn('sleep', ['60']);
    await endProcess({ ...processIdentity(child.pid!)!, startTime: '1' });
    expect(child.exitCode).toBeNull();
    expect(processIdentity(child.pid!)).toBeDefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});
