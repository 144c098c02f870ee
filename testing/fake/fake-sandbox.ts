import { Duplex } from 'node:stream';
import { SandformError, isolationOf } from '../../lib';
import { type Conduct, type DomainPart, type SandboxSpec, digestOf } from '../../lib/spec';
import { EventBus } from '../../hooks-runtime/events';
import { TreeFiles } from '../../hooks-runtime/guest';
import { commandLine } from '../../hooks-runtime/hooks';
import type { GuestAddress, Picture, Sandbox } from '../../hooks-runtime/sandbox';
import { type FakeAnswers, FakeCommands, type FakeGuest } from './fake-commands';
import { FakeFileSystem } from './fake-files';
import { FakePower, type FakeState } from './fake-power';

export interface FakeSandboxOptions {
  /** @default 'lab/victim' */
  readonly address?: string;
  /** @default 'shutoff' */
  readonly state?: FakeState;
  /** What its commands do. @default nothing, with exit code 0 */
  readonly answer?: FakeAnswers;
  readonly conduct?: Partial<Conduct>;
  readonly domain?: Partial<DomainPart>;
}

/** A sandbox without a host, for unit tests of hooks. It keeps the contract of a real one, as far as a test can tell. */
export interface FakeSandbox extends Sandbox {
  /** What was called, in order: transitions, `waitForGuest`, `run COMMAND`. */
  readonly calls: string[];
  /** What its commands do. */
  answer: FakeAnswers;
  /** What its screen shows. @default one white point */
  picture: () => Picture;
  /** What waiting for the guest comes to. @default an answer at once */
  guestAnswers: () => Promise<void>;
  /** The addresses that the host knows of it. @default none */
  guestAddresses: readonly GuestAddress[];
  /** What its console has printed. */
  printed: string;
  /** Its power ends, and nobody of this run asked for it. */
  stops(reason?: string): Promise<void>;
}

/** A picture of one point. */
export const FAKE_PICTURE: Picture = {
  type: 'image/png',
  bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
};

/** Makes one. Nothing needs to be disposed of. */
export function fakeSandbox({ address = 'lab/victim', state = 'shutoff', answer = () => ({}), conduct = {}, domain = {} }: FakeSandboxOptions = {}): FakeSandbox {
  const events = new EventBus();
  const spec = fakeSpec({ address, conduct, domain });
  const ends = new Set<() => void>();
  const calls: string[] = [];
  const files = new FakeFileSystem();
  const power = new FakePower(spec.domain.name, events, state, (transition) => {
    calls.push(transition);
    if (['shutdown', 'poweroff', 'save', 'restart'].includes(transition)) end();
  });
  const end = () => ends.forEach((listener) => listener());
  const off = (doing: string) => (power.current === 'shutoff' || power.current === 'crashed' ? new SandformError('SANDBOX_OFF', { doing, given: power.current }) : undefined);
  const guest: FakeGuest = {
    address,
    answer: (command, options) => {
      calls.push(`run ${commandLine(command)}`);
      return fake.answer(command, options);
    },
    outage: off,
    onEnd: (listener) => {
      ends.add(listener);
      return () => ends.delete(listener);
    },
  };
  const whenOn = async <T>(doing: string, value: () => T | Promise<T>): Promise<T> => {
    const outage = off(`${address}: ${doing}`);
    if (outage !== undefined) throw outage;
    return value();
  };
  const fake: FakeSandbox = {
    ...{ address, spec, events, power, calls, answer },
    isolation: isolationOf(spec.domain),
    host: { uri: 'test:///default', libvirt: '9.0.0', hypervisor: 'QEMU 7.2.22' },
    commands: new FakeCommands(guest),
    files: new TreeFiles(address, (task) => whenOn(task.doing, () => files.open(task))),
    ports: { connect: (port) => whenOn(`connecting to port ${port}`, () => Promise.reject(new SandformError('GUEST_PORT', { doing: `${address}: connecting to port ${port} in the guest`, given: 'a fake sandbox' }))) },
    screen: {
      capture: () => whenOn('taking a picture of its screen', () => fake.picture()),
      connect: () => whenOn('connecting to its display', () => ({ protocol: 'vnc', stream: new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() }) })),
    },
    disks: {
      async *layer() {
        yield await Promise.resolve(Buffer.from('QFI\xfb', 'latin1'));
      },
    },
    memory: {
      async *dump() {
        yield await whenOn('dumping its memory', () => Buffer.from('\x7fELF'));
      },
    },
    console: {
      log: ({ tail = 2 ** 20 } = {}) => Promise.resolve(Buffer.from(fake.printed).subarray(-tail)),
      async *follow() {},
    },
    picture: () => FAKE_PICTURE,
    guestAnswers: () => Promise.resolve(),
    printed: '',
    guestAddresses: [],
    async stops(reason = 'destroyed') {
      power.current = 'shutoff';
      end();
      await events.emit('domain_stopped', { reason, expected: false }, 'libvirt');
    },
    addresses: () => whenOn('asking for its addresses', () => fake.guestAddresses),
    interfaces: () => Promise.resolve(spec.domain.nics.map(({ network, mac }) => ({ network, mac }))),
    async waitForGuest() {
      calls.push('waitForGuest');
      try {
        await whenOn('waiting for the guest', () => fake.guestAnswers());
      } catch (error) {
        const failure = SandformError.from(error, `${address}: waiting for the guest`);
        await events.emit('guest_unreachable', { error: failure.toJSON() }, 'run');
        throw failure;
      }
      const given = { channel: 'ssh', elapsed: 1 };
      await events.emit('guest_ready', given, 'run');
      return given;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return fake;
}

/** The description that a fake sandbox has. */
export function fakeSpec({ address = 'lab/victim', conduct = {}, domain: changes = {} }: Pick<FakeSandboxOptions, 'address' | 'conduct' | 'domain'> = {}): SandboxSpec {
  const [stack = '', sandbox = ''] = address.split('/');
  const domain: DomainPart = {
    hypervisor: 'qemu',
    accelerator: 'tcg',
    name: `${stack}-${sandbox}`,
    arch: 'x86_64',
    memory: 96 * 2 ** 20,
    vcpus: 1,
    guest: { name: 'micro', execPort: 'org.sandform.exec.0', agent: true, user: 'root' },
    disks: [],
    nics: [],
    filesystems: [],
    display: true,
    xmlOverrides: [],
    ...changes,
  };
  return { identity: { schemaVersion: 1, app: 'app', stack, sandbox, digest: digestOf(domain) }, domain, conduct: { labels: {}, power: 'managed', hooks: [], ...conduct } };
}
