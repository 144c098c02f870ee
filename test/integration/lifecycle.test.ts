import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBus } from '../../hooks-runtime/events';
import { Lifecycle } from '../../hooks-runtime/lifecycle';
import { type Domain, LibvirtConnection } from '../../hooks-runtime/libvirt';
import type { SandboxEvent } from '../../lib/events';
import { type TestSandbox, testSandbox } from './fixtures/test-sandbox';
import { testHost } from './host';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

/** The power of a domain, and all that is fired about it. */
function watched(connection: LibvirtConnection, domain: Domain) {
  const events = new EventBus();
  const fired: SandboxEvent[] = [];
  events.onAny((event) => fired.push(event));
  const names = () => fired.map(({ name }) => name);
  return {
    events,
    power: new Lifecycle(connection, domain, events),
    names,
    data: (name: string) => fired.find((event) => event.name === name)?.data,
    /** Resolves once the event was fired that many times. */
    heard: (name: string, times = 1) =>
      new Promise<void>((resolve) => {
        const check = () => void (names().filter((other) => other === name).length >= times && resolve());
        events.onAny(check);
        check();
      }),
  };
}

/** The same of a real guest. */
async function powered() {
  const sandbox = await testSandbox();
  const it = watched(sandbox.connection, sandbox.domain);
  return {
    ...it,
    sandbox,
    async [Symbol.asyncDispose]() {
      it.power[Symbol.dispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** libvirt may tell of a start when others hear already; it resumes a guest to start it. */
const isNoStart = (name: string) => name !== 'domain_started' && name !== 'domain_resumed';

describe('the power of a guest', () => {
  it('shuts down when asked, at once when libvirt says so', async () => {
    await using it = await powered();
    await booted(it.sandbox);

    await it.power.shutdown({ timeout: '60s' });

    expect(await it.power.state()).toBe('shutoff');
    expect(it.names().filter(isNoStart)).toEqual(['pre_shutdown', 'domain_stopped', 'post_shutdown']);
    expect(it.data('pre_shutdown')).toEqual({ timeout: 60_000 });
    expect(it.data('domain_stopped')).toEqual({ reason: 'shutdown', expected: true });
  });

  it('that does not react to a shutdown stays up, without a post event, and may be powered off meanwhile', async () => {
    await using it = await powered();
    // Its firmware still runs: nobody hears the button.
    expect(await rejection(it.power.shutdown({ timeout: '300ms' }))).toMatchObject({ code: 'STATE_TIMEOUT', details: { transition: 'shutdown', timeout: 300 } });
    expect([await it.power.state(), it.names().filter(isNoStart)]).toEqual(['running', ['pre_shutdown']]);

    const shutdown = rejection(it.power.shutdown({ timeout: '60s' }));
    await it.heard('pre_shutdown', 2);
    await it.power.pause();
    await it.power.poweroff();

    expect(await shutdown).toMatchObject({ code: 'SANDBOX_GONE' });
    expect(it.names()).not.toContain('post_shutdown');
    expect(it.names()).toContain('post_poweroff');
  });

  it('that still boots when it is asked is asked again, and shuts down or restarts once it hears', async () => {
    await using it = await powered();
    await it.power.restart();
    expect(it.names().filter((name) => name.endsWith('_restart'))).toEqual(['pre_restart', 'post_restart']);
    await it.power.shutdown();
    expect(it.data('domain_stopped')).toEqual({ reason: 'shutdown', expected: true });
  });

  it('restarts: asked, it is back in its firmware; by the reset button, at once', async () => {
    await using it = await powered();
    await booted(it.sandbox);

    await it.power.restart();
    expect(it.data('domain_rebooted')).toEqual({ expected: true });
    expect(it.names().slice(-1)).toEqual(['post_restart']);
    expect(it.names()).not.toContain('domain_stopped');

    // One restart may reset the machine more than once: the guest's kernel, then the firmware.
    const resets = () => it.names().filter((name) => name === 'domain_rebooted').length;
    const before = resets();
    const begun = performance.now();
    await it.power.restart({ hard: true });
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(resets()).toBeGreaterThan(before);
    expect(await it.power.state()).toBe('running');
  });

  it('is saved and restored where it was', async () => {
    await using it = await powered();
    await booted(it.sandbox);

    await it.power.save();
    expect(it.data('domain_stopped')).toEqual({ reason: 'saved', expected: true });
    await it.power.restore();

    expect(await it.power.state()).toBe('running');
    await booted(it.sandbox, { within: 5_000 });
    expect(it.names().filter((name) => /^p(re|ost)_/.test(name))).toEqual(['pre_save', 'post_save', 'pre_restore', 'post_restore']);
  });

  it('saved while paused is restored paused', async () => {
    await using it = await powered();
    await it.power.pause();

    await it.power.save();
    await it.power.restore();

    expect(await it.power.state()).toBe('paused');
  });

  it('is off and has its say when the guest itself shuts down', async () => {
    await using it = await powered();
    await booted(it.sandbox);
    const stopped = it.heard('domain_stopped');

    await it.sandbox.domain.qemuAgentCommand('{"execute":"guest-shutdown"}', { timeout: 1 }).catch(() => undefined);

    await stopped;
    expect(it.data('domain_stopped')).toEqual({ reason: 'shutdown', expected: false });
  });

  it('is seen to crash when its process is killed, and can be started again', async () => {
    await using it = await powered();
    const stopped = it.heard('domain_stopped');

    process.kill(await qemuOf(it.sandbox), 'SIGKILL');

    await stopped;
    // The start may be told only now: it was made before anybody listened.
    expect(it.names().filter(isNoStart)).toEqual(['domain_crashed', 'domain_stopped']);
    expect(it.data('domain_stopped')).toMatchObject({ expected: false });
    await it.power.poweron();
    expect(await it.power.state()).toBe('running');
  });

  it('is seen to be destroyed by an operator, while a shutdown waits', async () => {
    await using it = await powered();
    const shutdown = rejection(it.power.shutdown({ timeout: '60s' }));
    await it.heard('pre_shutdown');

    await it.sandbox.domain.destroy();

    expect(await shutdown).toMatchObject({ code: expect.stringMatching(/^(SANDBOX_GONE|STATE_TRANSITION_ILLEGAL|LIBVIRT_FAILED)$/) });
    await it.heard('domain_stopped');
    expect(it.data('domain_stopped')).toEqual({ reason: 'destroyed', expected: false });
  });

  it('that panicked is seen to, kept as it is, and started anew', async () => {
    await using it = await panicking();

    await it.power.poweron();
    await it.heard('domain_crashed', 1);
    expect(await it.power.state()).toBe('crashed');
    expect(await rejection(it.power.resume())).toMatchObject({ code: 'STATE_TRANSITION_ILLEGAL', details: { legal: expect.arrayContaining(['poweron', 'poweroff']) } });

    await it.power.poweron();
    await it.heard('domain_crashed', 2);
    await it.power.poweroff();

    expect(it.names().filter((name) => /^p(re|ost)_/.test(name))).toEqual(['pre_poweron', 'post_poweron', 'pre_poweron', 'post_poweron', 'pre_poweroff', 'post_poweroff']);
    // QEMU stops the CPUs of a machine that panicked: whether libvirt tells that as well, depends on which it hears first.
    expect(it.names().filter((name) => name.startsWith('domain_') && name !== 'domain_suspended')).toEqual([
      ...['domain_started', 'domain_crashed'],
      ...['domain_stopped', 'domain_started', 'domain_crashed'],
      'domain_stopped',
    ]);
    expect(it.data('domain_crashed')).toEqual({ reason: 'panicked' });
    expect(it.data('domain_stopped')).toEqual({ reason: 'destroyed', expected: true });
  });
});

/**
 * A machine whose only program, the boot sector of its disk, tells QEMU's panic device that it panicked:
 * `mov dx, 0x505; mov al, 1; out dx, al; hlt; jmp back to hlt`.
 */
async function panicking() {
  const { uri, instance } = await testHost();
  const name = `panic-${randomBytes(4).toString('hex')}`;
  const disk = join(instance.poolPath, `${name}.raw`);
  const sector = Buffer.alloc(1024 * 1024);
  sector.set([0xba, 0x05, 0x05, 0xb0, 0x01, 0xee, 0xf4, 0xeb, 0xfd]);
  sector.set([0x55, 0xaa], 510);
  writeFileSync(disk, sector);
  const connection = await LibvirtConnection.open(uri);
  const domain = await connection.domains.define(`<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>
    <on_crash>preserve</on_crash><devices><disk type='file'><driver name='qemu' type='raw'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk><panic model='isa'/></devices></domain>`);
  return {
    ...watched(connection, domain),
    async [Symbol.asyncDispose]() {
      if ((await domain.info()).active) await domain.destroy();
      await domain.undefine();
      await connection.close();
      rmSync(disk, { force: true });
    },
  };
}

/** Resolves when the guest's agent answers. */
async function booted({ domain }: TestSandbox, { within = 60_000 } = {}): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      await domain.qemuAgentCommand('{"execute":"guest-ping"}', { timeout: 2 });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The process of a domain, among those of the test host. */
async function qemuOf({ domain }: TestSandbox): Promise<number> {
  const { instance } = await testHost();
  const pid = instance.processIds('qemu-system-x86_64').find((candidate) => readFileSync(`/proc/${candidate}/cmdline`, 'utf8').includes(`guest=${domain.name},`));
  if (pid === undefined) throw new Error(`${domain.name} has no process`);
  return pid;
}
