import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { deadLocks, HostLock } from '../../../hooks-runtime/locking';
import { ownHolder, pathOfHolder } from '../../../hooks-runtime/locking/lock-holder';
import { testHost } from '../host';

let uri: string;
let connection: LibvirtConnection;
beforeAll(async () => {
  ({ uri } = await testHost());
  connection = await LibvirtConnection.open(uri);
});
afterAll(() => connection.close());

const take = (key: string, deadline = 60_000) => HostLock.take(connection, key, { doing: 'testing', deadline });

/** A process that holds the lock. */
async function holder(key: string): Promise<ChildProcess> {
  const child = fork(join(__dirname, '../fixtures/hold-lock.js'), [uri, key], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

describe('the lock of a host', () => {
  it('is held by one at a time, and given on', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await using _lock = await take('test-turns');
        most = Math.max(most, ++inside);
        await connection.isAlive();
        inside--;
      }),
    );
    expect(most).toBe(1);
  });

  it('keeps those of other keys out of it', async () => {
    await using _one = await take('test-one');
    await using _two = await take('test-two', 1000);
  });

  it('ends with HOST_BUSY where its holder lives on', async () => {
    await using _lock = await take('test-busy');
    await expect(take('test-busy', 300)).rejects.toMatchObject({ code: 'HOST_BUSY' });
  });

  it('ends with INTERRUPTED when it is interrupted while it waits', async () => {
    await using _lock = await take('test-interrupted');
    const waiting = HostLock.take(connection, 'test-interrupted', { doing: 'testing', signal: AbortSignal.timeout(200) });
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('is free at once when its holder was killed', async () => {
    const child = await holder('test-killed');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await deadLocks(connection)).map(({ key }) => key)).toContain('test-killed');
    const began = performance.now();
    await using _lock = await take('test-killed');
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is given to one after the other where many find it dead at the same moment', async () => {
    const own = ownHolder();
    for (let round = 0; round < 5; round++) {
      const uuid = randomUUID();
      const path = pathOfHolder({ ...own, process: { ...own.process, startTime: '1' }, beat: 0 });
      await connection.pools.define(`<pool type='dir'><name>sandform.lock.test-dead</name><uuid>${uuid}</uuid><target><path>${path}/${uuid}</path></target></pool>`);
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          await using lock = await take('test-dead');
          await lock.assertHeld('testing');
        }),
      );
    }
    expect((await connection.pools.list()).filter(({ name }) => name.includes('test-dead'))).toEqual([]);
  });

  it('is taken from a holder that stands still for half a minute, which then knows that it has lost it', async () => {
    const child = await holder('test-still');
    child.kill('SIGSTOP');
    {
      await using lock = await take('test-still', 40_000);
      child.kill('SIGCONT');
      child.send('well?');
      expect((await once(child, 'message'))[0]).toBe('HOST_BUSY');
      await once(child, 'exit');
      await lock.assertHeld('testing');
    }
    expect((await connection.pools.list()).filter(({ name }) => name.includes('test-still'))).toEqual([]);
  });
});
