import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from '../../hooks-runtime/host';
import { FarHost } from './fixtures/far-host';
import type { ProgramEnd } from './fixtures/program';
import { TestProject } from './fixtures/project';
import { TestImages } from './fixtures/test-image';
import { testHost } from './host';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

let far: FarHost;
let project: TestProject;
beforeAll(async () => {
  const near = await testHost();
  far = await FarHost.up(near.instance);
  const { variables } = await toolEnvironment();
  // What the environment names is the near host; that the stacks go to the far one, they say themselves.
  const environment = { ...variables, ...near.environment, LAB_HOST_URI: far.uri };
  const example = `require(${JSON.stringify(require.resolve('tsx/cjs'))}); require('./main.ts'); process.exit();`;
  project = TestProject.create({ environment }, example, { within: far.within });
  project.write('main.ts', readFileSync(join(__dirname, '../../examples/remote-host/main.ts')));
  await project.synth();
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await far?.[Symbol.asyncDispose]();
});

const sandform = (...args: string[]) => {
  const separator = args.indexOf('--');
  const at = separator < 0 ? args.length : separator;
  return project.sandform(...args.slice(0, at), '--uri', far.uri, ...args.slice(at));
};
const done = (...args: string[]): Promise<ProgramEnd> => project.expectDone(sandform(...args));
/** Bytes that a piece of work sends to the far host. */
async function sentBy(work: () => Promise<unknown>): Promise<number> {
  const before = far.bytesSent();
  await work();
  return far.bytesSent() - before;
}
const MEBIBYTE = 2 ** 20;

describe('a host on another machine', () => {
  it('gets a stack with its images by a stream', async () => {
    expect(await sentBy(async () => project.expectDone(await project.apply('remote-lab')))).toBeGreaterThan(20 * MEBIBYTE);
    expect(far.host.virsh('list', '--name').trim()).toBe('remote-lab-victim');
  });

  it('runs commands, takes pictures, sends files and reads the console through libvirt', async () => {
    writeFileSync(join(project.folder, 'sample'), 'over the cable');
    await done('cp', 'sample', 'remote-lab/victim:/tmp/sample');
    const { exitCode, output } = await sandform('run', 'remote-lab/victim', '--', 'sh', '-c', 'cat /tmp/sample; exit 3').end;
    expect({ exitCode, output }).toEqual({ exitCode: 3, output: expect.stringContaining('over the cable') as string });
    const [record = ''] = readdirSync(project.runs).filter((name) => !name.startsWith('.'));
    expect(readdirSync(join(project.runs, record, 'artifacts'), { recursive: true }).map(String).filter((name) => name.endsWith('.png'))).not.toEqual([]);
    expect((await done('logs', 'remote-lab/victim')).stdout.length).toBeGreaterThan(0);
  });

  it('says of the display, which only its own machine can hand over, that it is so', async () => {
    const relay = await sandform('screen', 'remote-lab/victim', '--relay').end;
    expect(relay.errors).toEqual(['SCREEN_UNAVAILABLE']);
  });

  it('is told by the doctor apart from this machine', async () => {
    const { findings } = JSON.parse((await sandform('doctor', '--json').end).stdout) as { findings: { check: string; status: string; found: string }[] };
    for (const check of ['libvirt', 'permissions', 'pool']) expect(findings).toContainEqual(expect.objectContaining({ check, status: 'ok' }));
    for (const check of ['daemons', 'accelerator']) expect(findings.find((finding) => finding.check === check)?.found).toContain('another machine');
  });

  it('is reached by qemu+tls as well, once deployed', async () => {
    const { stdout } = await project.expectDone(project.sandform('exec', 'remote-lab/victim', '--uri', far.tlsUri, '--', 'echo', 'by TLS'));
    expect(stdout).toBe('by TLS\n');
  });

  it('is refused where its key is not the known one, with what to do', async () => {
    const refused = await project.sandform('ps', '--json', '--uri', far.strangeUri).end;
    expect(JSON.parse(refused.stdout || refused.stderr)).toMatchObject({ error: { code: 'LIBVIRT_UNREACHABLE', fix: expect.stringContaining('known_hosts') } });
  });

  it('that is cut off in the midst of a command ends the run with LIBVIRT_LOST, and is gone on with once it answers', async () => {
    const run = sandform('run', 'remote-lab/victim', '--', 'sh', '-c', 'echo up; sleep 1000');
    await run.shows(/up\n/);
    await far.cut();
    const { exitCode, errors } = await run.end;
    await far.answer();
    expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: ['LIBVIRT_LOST'] });
    expect((await done('exec', 'remote-lab/victim', '--', 'echo', 'again')).stdout).toBe('again\n');
  });

  it('that is cut off in the midst of an image has nothing that counts as one, gets it whole the next time, and never again', async () => {
    using images = new TestImages();
    const image = images.raw(100 * MEBIBYTE);
    const [execPath = '', ...within] = far.within;
    const execArgv = [...within, process.execPath];
    const ensuring = () => fork(join(__dirname, 'fixtures/ensure-image.js'), [far.uri, JSON.stringify(image)], { env: images.environment, execPath, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const volumes = () => far.host.virsh('vol-list', 'sandform').split('\n').filter((line) => line.includes(image.digest)).map((line) => line.trim().split('.')[0]).sort();
    const first = ensuring();
    let told = '';
    first.stderr?.setEncoding('utf8').on('data', (text: string) => (told += text));
    await once(first, 'message');
    await far.cut();
    await once(first, 'close');
    await far.answer();
    expect(told).toContain('LIBVIRT_LOST');
    expect(volumes()).not.toContain('ready');
    const whole = async () => expect((await once(ensuring(), 'exit'))[0]).toBe(0);
    expect(await sentBy(whole)).toBeGreaterThan(100 * MEBIBYTE);
    expect(volumes()).toEqual(['base', 'ready']);
    expect(await sentBy(whole)).toBeLessThan(MEBIBYTE);
  });

  it('keeps nothing of what was destroyed', async () => {
    await project.destroyed('remote-lab');
    far.unplug();
    await far.cut();
    expect(await far.host.leftovers({ images: true })).toEqual([]);
  });
});
