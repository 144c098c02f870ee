import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { DomainPort } from '../../hooks-runtime/libvirt';
import { peerDomain } from './fixtures/peer-domain';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

describe('a guest port', () => {
  it('carries bytes both ways, unchanged', async () => {
    await using it = await peerDomain();
    const [peer, port] = await Promise.all([it.nextPeer(), it.domain.openChannel('port.0')]);
    const data = randomBytes(5 * 1024 * 1024);
    peer.pipe(peer);

    const back = bytesFrom(port, data.length);
    port.write(data);

    expect(digest(await back)).toBe(digest(data));
    port.destroy();
    await once(peer, 'close');
  });

  it('holds no thread while nothing comes: fifty at once, each with its own bytes', async () => {
    await using it = await peerDomain({ channels: 50 });
    const ports: DomainPort[] = [];
    for (const [index, channel] of it.channels.entries()) {
      const peer = it.nextPeer(index);
      ports.push(await it.domain.openChannel(channel));
      (await peer).pipe(await peer);
    }

    const messages = await Promise.all(
      ports.map(async (port, index) => {
        const message = Buffer.from(`from ${index} `.repeat(1000));
        const back = bytesFrom(port, message.length);
        port.write(message);
        return (await back).equals(message);
      }),
    );

    expect(messages).toEqual(Array.from({ length: 50 }, () => true));
    expect((await it.domain.state()).state).toBe('paused');
    await Promise.all(ports.map((port) => once(port.destroy(), 'close')));
  });

  it('is refused while somebody else has it, unless it is taken by force', async () => {
    await using it = await peerDomain();
    const port = await it.domain.openChannel('port.0');

    expect(await rejection(it.domain.openChannel('port.0'))).toMatchObject({ code: 'LIBVIRT_FAILED' });

    const failed = once(port, 'error');
    const taken = await it.domain.openChannel('port.0', { force: true });
    expect(await failed).toMatchObject([{ code: 'LIBVIRT_FAILED' }]);
    taken.destroy();
  });

  it('that the domain does not have, or of a domain that is off, is a coded error', async () => {
    await using it = await peerDomain();

    expect(await rejection(it.domain.openChannel('port.99'))).toMatchObject({ code: 'LIBVIRT_FAILED', given: expect.stringContaining('port.99') });
    await it.domain.destroy();
    expect(await rejection(it.domain.openChannel('port.0'))).toMatchObject({ code: 'LIBVIRT_FAILED', details: { libvirt: { name: 'OPERATION_INVALID' } } });
    await it.domain.create({ paused: true });
  });

  it('ends when the guest does', async () => {
    await using it = await peerDomain();
    const peer = it.nextPeer();
    const port = await it.domain.openChannel('port.0');

    const ended = Promise.all([once(port, 'end'), once(port, 'close')]);
    port.resume();
    (await peer).end();

    await ended;
  });

  it('closes after end(), once everything was written', async () => {
    await using it = await peerDomain();
    const [peer, port] = await Promise.all([it.nextPeer(), it.domain.openChannel('port.0')]);
    const got = bytesFrom(peer.resume(), 300_000);

    port.end(Buffer.alloc(300_000, 1));

    await once(port, 'close');
    expect((await got).length).toBe(300_000);
  });

  it('that a guest floods is destroyed before it fills the memory, and hurts nobody else', async () => {
    await using it = await peerDomain({ channels: 2 });
    const peer = it.nextPeer();
    const flooded = await it.domain.openChannel('port.0');
    const failed = once(flooded, 'error');
    const before = process.memoryUsage().rss;

    const flood = setInterval(() => void (peer.then((socket) => socket.writableLength < 1e7 && socket.write(Buffer.alloc(4 * 1024 * 1024)))), 1);
    const [error] = (await failed) as unknown[];
    clearInterval(flood);

    expect(error).toMatchObject({ code: 'GUEST_FLOOD' });
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
    expect(await it.connection.isAlive()).toBe(true);
  });

  it('that a guest does not read makes writing wait, nobody else, and ends as GUEST_UNREACHABLE', async () => {
    await using it = await peerDomain({ channels: 2 });
    const [unread, other] = [it.nextPeer(), it.domain.openChannel('port.0')];
    await unread;
    const port = await other;
    const failed = once(port, 'error');
    let written = 0;
    const pump = () => {
      while (!port.destroyed && port.write(Buffer.alloc(64 * 1024), () => (written += 64 * 1024)));
    };
    port.on('drain', pump);
    pump();

    const begun = performance.now();
    for (let call = 0; call < 20; call++) await it.domain.state();
    expect(performance.now() - begun).toBeLessThan(5_000);
    const peer = it.nextPeer(1);
    const second = await it.domain.openChannel('port.1');
    const echo = bytesFrom((await peer).resume(), 5);
    second.write('hello');
    expect((await echo).toString()).toBe('hello');

    const [error] = (await failed) as unknown[];
    expect(error).toMatchObject({ code: 'GUEST_UNREACHABLE' });
    expect(written).toBeLessThan(16 * 1024 * 1024);
    second.destroy();
  });

  it('that is destroyed while a write waits is let go of, and closing the connection does not hang', async () => {
    const it = await peerDomain();
    await using _removed = it;
    const peer = it.nextPeer();
    const port = await it.domain.openChannel('port.0');
    await peer;
    port.write(Buffer.alloc(8 * 1024 * 1024));

    port.destroy();
    const begun = performance.now();
    await it.domain.destroy();
    expect(performance.now() - begun).toBeLessThan(8_000);
    await it.domain.create({ paused: true });
  });
});

async function bytesFrom(stream: DomainPort | Socket, count: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', (part: Buffer) => {
      parts.push(part);
      total += part.length;
      if (total >= count) resolve();
    });
  });
  return Buffer.concat(parts);
}

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
