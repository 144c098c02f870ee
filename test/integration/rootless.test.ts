import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from './fixtures/eventually';
import { PlainUser } from './fixtures/plain-user';
import type { Program, ProgramEnd } from './fixtures/program';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

/** Whether process 1 reaps orphans, as it does wherever there is an init. */
function hasInit(): boolean {
  const orphan = execFileSync('sh', ['-c', 'sleep 0.1 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).trim();
  // Some look for orphans only now and then.
  execFileSync('sh', ['-c', `for _ in 1 2 3 4 5 6 7 8; do sleep 1; [ -e /proc/${orphan} ] || break; done`]);
  return !existsSync(`/proc/${orphan}`);
}

const isRunnable = hasInit();
if (!isRunnable) process.stderr.write('Without root nothing is deployed in this test: process 1 reaps no orphans, and libvirt would wait for guests that have ended\n');

let user: PlainUser;
let project: string;
/** As `eval "$(npx sandform env)"` sets it. */
let environment: Record<string, string>;
beforeAll(async () => {
  user = await PlainUser.create();
  project = user.project('quickstart', ['cdktf.json', 'examples/quickstart']);
  if (!isRunnable) return;
  await done(user.sandform(project, ['host', 'up']));
  const { stdout } = await done(user.sandform(project, ['env', '--json']));
  ({ variables: environment } = JSON.parse(stdout) as { variables: Record<string, string> });
});
afterAll(() => user?.[Symbol.asyncDispose]());

async function done(program: Program): Promise<ProgramEnd> {
  const end = await program.end;
  if (end.exitCode !== 0) throw new Error(`ended with ${end.exitCode}:\n${end.output.slice(-4000)}`);
  return end;
}

const sandform = (...args: string[]) => user.sandform(project, args, environment);
const cdktf = (action: string) => done(user.run(project, 'cdktf', [action, 'quickstart', '--auto-approve'], environment));
const held = () => readdirSync(join(user.home, '.local/share/sandform/pool')).filter((name) => !/^(base|ready)\./.test(name));

(isRunnable ? it.skip : it)("a user's own libvirt is refused where nobody reaps orphans, with the way out", async () => {
  const { errors, output } = await user.sandform(project, ['host', 'up']).end;
  expect(errors).toEqual(['HOST_UNSUPPORTED']);
  expect(output).toContain('docker run --init');
  expect(user.programs()).toEqual([]);
});

(isRunnable ? describe : describe.skip)("a user's own libvirt, without root", () => {
  it('is what env names, by its socket', () => {
    expect(environment['LIBVIRT_DEFAULT_URI']).toMatch(/^qemu:\/\/\/session\?socket=\/.*\/libvirt-sock$/);
  });

  it('is explained by the doctor: what is lost, and what to do', async () => {
    const { stdout } = await done(sandform('doctor', '--json'));
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; found: string; fix?: string }[] };
    expect(findings.filter(({ status }) => status === 'problem')).toEqual([]);
    const lost = findings.filter(({ check }) => check === 'session');
    for (const what of ['networks', 'egress rules', 'containers']) expect(lost).toContainEqual(expect.objectContaining({ status: 'warning', found: expect.stringContaining(what), fix: expect.stringContaining('libvirt') }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'qemu user', status: 'warning' }));
  });

  it('takes the quickstart from deploy to destroy, and nothing is left', async () => {
    await cdktf('deploy');
    const listener = createServer((socket) => socket.end('reached'));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    let reached = 0;
    listener.on('connection', () => (reached += 1));

    // The first address of the network is the host's, by which an unrestricted guest would reach its loopback address.
    const inside = `until own=$(ip -4 addr show eth0 | grep -o 'inet [0-9.]*'); do sleep 0.1; done; echo "$own"; own=\${own#inet }; nc -w 2 "\${own%.*}.1" ${port} </dev/null; echo "nc ended with $?"`;
    const run = await done(sandform('run', '--timeout', '40s', 'quickstart/hello', '--', 'sh', '-c', inside));
    listener.close();
    expect(run.output).toMatch(/inet 10\.\d+\.\d+\.\d+/);
    expect(run.output).toMatch(/nc ended with [1-9]/);
    expect(run.output).not.toContain('bad address');
    expect(reached).toBe(0);
    const [record = ''] = readdirSync(join(project, '.sandform/runs')).filter((name) => !name.startsWith('.'));
    expect(existsSync(join(project, '.sandform/runs', record, 'report.html'))).toBe(true);

    const busy = await user.sandform(project, ['host', 'down']).end;
    expect(busy.errors).toEqual(['HOST_IN_USE']);
    expect((await user.sandform(project, ['host', 'down', '--purge']).end).errors).toEqual(['USAGE']);
    await cdktf('destroy');
    expect(held()).toEqual([]);
    expect((JSON.parse((await done(sandform('ps', '--json'))).stdout) as { sandboxes: unknown[] }).sandboxes).toEqual([]);
    await done(user.sandform(project, ['host', 'down']));
    await eventually('its processes to end', () => user.programs().length === 0);
  });
});
