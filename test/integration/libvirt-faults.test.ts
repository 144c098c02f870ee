import { randomBytes } from 'node:crypto';
import { EventBus } from '../../hooks-runtime/events';
import { HostInstance } from '../../hooks-runtime/host';
import { Lifecycle } from '../../hooks-runtime/lifecycle';
import { LibvirtConnection } from '../../hooks-runtime/libvirt';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

/** An instance of this file's own: nobody else minds when its daemon dies. */
let instance: HostInstance;
beforeAll(async () => {
  instance = await HostInstance.up({ name: `faults-${randomBytes(3).toString('hex')}` });
});
afterAll(() => instance.down({ purge: true }));

const daemon = () => instance.processIds('libvirtd')[0] as number;

describe('a daemon that is killed', () => {
  it('is LIBVIRT_LOST for everybody who waits, at once, and for everybody who comes later', async () => {
    const connection = await LibvirtConnection.open(instance.uri);
    const domain = await connection.domains.define("<domain type='qemu'><name>left</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>");
    await domain.create();
    const events = new EventBus();
    const lost = new Promise((resolve) => events.once('host_lost', (event) => resolve(event.data.error.code)));
    using power = new Lifecycle(connection, domain, events);
    const shutdown = rejection(power.shutdown({ timeout: '60s' }));
    await new Promise((resolve) => events.once('pre_shutdown', resolve));
    const pid = daemon();
    // Stopped first, so that the call is not answered before the daemon dies.
    process.kill(pid, 'SIGSTOP');
    const call = rejection(connection.host.capabilities());

    const begun = performance.now();
    process.kill(pid, 'SIGKILL');

    for (const error of await Promise.all([shutdown, call])) expect(error).toMatchObject({ code: 'LIBVIRT_LOST' });
    expect(await lost).toBe('LIBVIRT_LOST');
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(await rejection(domain.state())).toMatchObject({ code: 'LIBVIRT_LOST' });
    expect([connection.ended.aborted, connection.lost, await connection.isAlive()]).toEqual([true, true, false]);
    await connection.close();
  });

  it('has left its guests alive for the next connection', async () => {
    await using connection = await reconnected();
    const domain = await connection.domains.get('left');

    expect((await domain.state()).state).toBe('running');
    await domain.destroy();
    await domain.undefine();
  });
});

describe('a daemon that hangs', () => {
  it('keeps nobody waiting beyond a deadline, or beyond the loss of its keepalive', async () => {
    const connection = await reconnected();
    const pid = daemon();
    process.kill(pid, 'SIGSTOP');
    try {
      const waiting = rejection(connection.domains.list());
      expect(await rejection(LibvirtConnection.open(instance.uri, { deadline: 500 }))).toMatchObject({ code: 'LIBVIRT_TIMEOUT' });
      expect(await rejection(LibvirtConnection.open(instance.uri, { signal: AbortSignal.timeout(500) }))).toMatchObject({ code: 'INTERRUPTED' });

      expect(await waiting).toMatchObject({ code: 'LIBVIRT_LOST' });
      await connection.close();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

async function reconnected(): Promise<LibvirtConnection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await LibvirtConnection.open(instance.uri);
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
