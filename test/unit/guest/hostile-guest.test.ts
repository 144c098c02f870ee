import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { SshChannel } from '../../../hooks-runtime/guest/ssh/ssh-channel';
import { type FakeGuest, fakePorts, otherKey, serve } from './fake-guest';

const opened: SshChannel[] = [];
function channelTo(guest: FakeGuest): SshChannel {
  const channel = new SshChannel(fakePorts(guest), 'port', 'root');
  opened.push(channel);
  return channel;
}
afterEach(async () => {
  for (const channel of opened.splice(0)) await channel[Symbol.asyncDispose]();
});

const reach = (onOpen: (port: Duplex) => void, timeout = 1500) => channelTo({ onOpen }).reach({ timeout });

describe('a guest that answers the handshake', () => {
  it('is reached, whatever it prints before', async () => {
    const channel = channelTo({ onOpen: (port) => {
      port.write(randomBytes(100_000));
      port.write('\nACK 0123456789abcdef ssh-ed25519 AAAA\n');
      serve(port);
    } });
    await expect(channel.reach({ timeout: 5000 })).resolves.toBeUndefined();
    await expect(channel.commands.run('hello')).resolves.toMatchObject({ exitCode: 0, stdout: expect.stringContaining('hello') });
  });

  it('late is reached by a repetition of the question', async () => {
    await expect(reach((port) => void setTimeout(serve, 1300, port), 10_000)).resolves.toBeUndefined();
  });

  it('with line ends of a terminal is understood', async () => {
    await expect(reach((port) => serve(port, undefined, (nonce, key) => `\r\nACK ${nonce} ${key}\r\n`), 5000)).resolves.toBeUndefined();
  });
});

describe('a guest that makes no sense', () => {
  it.each<[string, (port: Duplex) => void, string]>([
    ['says nothing', () => undefined, 'GUEST_UNREACHABLE'],
    ['hangs up', (port) => port.destroy(), 'GUEST_UNREACHABLE'],
    ['answers with another nonce', (port) => serve(port, undefined, (_nonce, key) => `\nACK ${'0'.repeat(32)} ${key}\n`), 'GUEST_UNREACHABLE'],
    ['answers with a key that is none', (port) => serve(port, undefined, (nonce) => `\nACK ${nonce} ssh-ed25519 ${'A'.repeat(68)}\n`), 'GUEST_UNREACHABLE'],
    ['answers with the key of somebody else', (port) => serve(port, undefined, (nonce) => `\nACK ${nonce} ${otherKey()}\n`), 'GUEST_PROTOCOL'],
    ['floods', (port) => flood(port), 'GUEST_PROTOCOL'],
  ])('and %s is given up in time', async (_what, onOpen, code) => {
    const began = performance.now();
    await expect(reach(onOpen)).rejects.toMatchObject({ code });
    expect(performance.now() - began).toBeLessThan(6000);
  });

  it('is never more than an error, whatever bytes it sends after the handshake', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.boolean(), async (bytes, greets) => {
        const channel = channelTo({ onOpen: (port) => acknowledge(port, () => port.write(Buffer.concat([Buffer.from(greets ? 'SSH-2.0-x\r\n' : ''), bytes]))) });
        await expect(channel.reach({ timeout: 150 })).rejects.toMatchObject({ code: expect.stringMatching(/^GUEST_/) });
        await channel[Symbol.asyncDispose]();
      }),
      { numRuns: 30 },
    );
  });
});

describe('a guest that misbehaves once it is logged in to', () => {
  it('and sends data after the end of a stream ends nothing but its connection', async () => {
    const channel = channelTo({
      onExec: (exec) => {
        const { _client: client, outgoing } = exec as never as { _client: { _protocol: Record<string, (...args: unknown[]) => void> }; outgoing: { id: number } };
        client._protocol['channelEOF']?.(outgoing.id);
        for (let count = 0; count < 3; count += 1) {
          client._protocol['channelExtData']?.(outgoing.id, Buffer.from('late'), 1);
          client._protocol['channelData']?.(outgoing.id, Buffer.from('late'));
        }
        exec.exit(0);
        exec.close();
      },
    });
    await expect(channel.commands.run('x', { timeout: '5s' })).resolves.toMatchObject({ exitCode: 0 });
  });

  it('and ignores how much it may send is cut off before it fills the memory', async () => {
    const channel = channelTo({
      onExec: (exec) => {
        const { _client: client, outgoing } = exec as never as { _client: { _protocol: Record<string, (...args: unknown[]) => void> }; outgoing: { id: number } };
        const chunk = Buffer.alloc(30_000);
        for (let count = 0; count < 2000; count += 1) client._protocol['channelData']?.(outgoing.id, chunk);
      },
    });
    const running = await channel.commands.start('x');
    await expect(running.wait()).rejects.toMatchObject({ code: 'GUEST_PROTOCOL' });
  });

  it('and never says how a command ended has lost it', async () => {
    const killed = channelTo({ onExec: (exec) => (exec.exit('KILL'), exec.end()) });
    await expect(killed.commands.run('x')).resolves.toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    const silent = channelTo({ onExec: (exec) => exec.close() });
    await expect(silent.commands.run('x')).rejects.toMatchObject({ code: 'COMMAND_LOST' });
  });
});

function flood(port: Duplex): void {
  const chunk = randomBytes(65_536);
  const timer = setInterval(() => {
    if (port.destroyed) clearInterval(timer);
    else for (let count = 0; count < 20; count += 1) port.write(chunk);
  }, 1).unref();
  port.once('close', () => clearInterval(timer)).once('end', () => clearInterval(timer));
}

/** Shakes hands and then does something else than SSH. */
function acknowledge(port: Duplex, then: () => void): void {
  let done = false;
  port.on('data', (chunk: Buffer) => {
    const [, nonce] = /SYNC (\w+)/.exec(chunk.toString('latin1')) ?? [];
    if (nonce !== undefined && !done) port.write(`\nACK ${nonce} ${otherKey()}\n`);
    if (chunk.includes('START') && !done) {
      done = true;
      then();
    }
  });
}
