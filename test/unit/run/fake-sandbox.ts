import { SandformError } from '../../../lib/errors';
import { isolationOf } from '../../../lib/isolation';
import { type Conduct, type SandboxSpec, digestOf } from '../../../lib/spec';
import { EventBus } from '../../../hooks-runtime/events';
import type { Command, CommandOptions, CommandResult, Picture, Sandbox } from '../../../hooks-runtime/sandbox';

/** A sandbox without a host, for tests of what runs against one. It is off until it is powered on, or as `state` says. */
export interface FakeSandbox extends Sandbox {
  state: string;
  /** Names of what was called, in order. */
  readonly calls: string[];
  /** What a command does. */
  answer: (command: Command, options: CommandOptions) => Promise<Partial<CommandResult>>;
  /** What the screen shows. */
  picture: () => Picture;
  guestAnswers: () => Promise<void>;
  /** The domain stops, as libvirt tells it. */
  stops(expected: boolean): Promise<void>;
}

export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export function testSpec(conduct: Partial<Conduct> = {}): SandboxSpec {
  const domain: SandboxSpec['domain'] = {
    hypervisor: 'qemu',
    accelerator: 'tcg',
    name: 'lab-victim',
    arch: 'x86_64',
    memory: 96 * 2 ** 20,
    vcpus: 1,
    guest: { name: 'micro', execPort: 'org.sandform.exec.0', agent: true, user: 'root' },
    disks: [],
    nics: [],
    filesystems: [],
    display: true,
    xmlOverrides: [],
  };
  return { identity: { schemaVersion: 1, app: 'app', stack: 'lab', sandbox: 'victim', digest: digestOf(domain) }, domain, conduct: { labels: {}, power: 'managed', hooks: [], ...conduct } };
}

export function fakeSandbox({ conduct, state = 'shutoff' }: { conduct?: Partial<Conduct>; state?: string } = {}): FakeSandbox {
  const events = new EventBus();
  const spec = testSpec(conduct);
  const transition = async (name: 'poweron' | 'poweroff', to: string): Promise<void> => {
    fake.calls.push(name);
    await events.emit(`pre_${name}`, {}, 'lifecycle');
    fake.state = to;
    if (to === 'shutoff') await fake.stops(true);
    await events.emit(`post_${name}`, {}, 'lifecycle');
  };
  const fake: FakeSandbox = {
    address: 'lab/victim',
    spec,
    isolation: isolationOf(spec.domain),
    host: { uri: 'test:///default', libvirt: '9.0.0', hypervisor: 'QEMU 7.2.22' },
    events,
    state,
    calls: [],
    answer: () => Promise.resolve({}),
    picture: () => ({ type: 'image/png', bytes: PNG }),
    guestAnswers: () => Promise.resolve(),
    async stops(expected) {
      fake.state = 'shutoff';
      await events.emit('domain_stopped', { reason: 'destroyed', expected }, 'libvirt');
    },
    power: {
      state: () => Promise.resolve(fake.state),
      poweron: () => transition('poweron', 'running'),
      poweroff: () => transition('poweroff', 'shutoff'),
    } as unknown as Sandbox['power'],
    files: {} as Sandbox['files'],
    ports: {} as Sandbox['ports'],
    console: {} as Sandbox['console'],
    screen: {
      capture: () => {
        if (fake.state !== 'running') return Promise.reject(new SandformError('SANDBOX_OFF', { doing: 'taking a picture' }));
        return Promise.resolve(fake.picture());
      },
      connect: () => Promise.reject(new Error('not faked')),
    },
    commands: {
      async run(command, options = {}) {
        fake.calls.push(`run ${String(command)}`);
        const aborted = new Promise<never>((_resolve, reject) => options.signal?.addEventListener('abort', () => reject(new SandformError('INTERRUPTED', { doing: 'running a command' }))));
        const given = await Promise.race([fake.answer(command, options), aborted]);
        const { stdout = '', stderr = '' } = given;
        options.onStdout?.(Buffer.from(stdout));
        options.onStderr?.(Buffer.from(stderr));
        return { command: String(command), exitCode: 0, signal: null, stdout, stderr, stdoutBytes: stdout.length, stderrBytes: stderr.length, truncated: false, duration: 3, ...given };
      },
      start: () => Promise.reject(new Error('not faked')),
    },
    async waitForGuest() {
      fake.calls.push('waitForGuest');
      await fake.guestAnswers();
      const answer = { channel: 'ssh', elapsed: 5 };
      await events.emit('guest_ready', answer, 'run');
      return answer;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return fake;
}

export function never(): Promise<never> {
  return new Promise(() => undefined);
}
