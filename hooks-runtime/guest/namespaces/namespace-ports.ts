import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { SandformError } from '../../../lib/errors';
import type { GuestPorts } from '../guest-channel';
import type { PortOptions, Ports } from '../ports';
import type { Entrance } from './entrance';

/** A program of ours on the container's network: says that it is connected, then passes bytes on. */
const CONNECT = `const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port: Number(port), allowHalfOpen: true });
socket.once('connect', () => { process.stderr.write('connected'); process.stdin.pipe(socket); socket.pipe(process.stdout); });
socket.once('error', (error) => { process.stderr.write(String(error.code)); process.exit(1); });`;

/** TCP ports as the container sees them. */
export class NamespacePorts implements Ports {
  constructor(
    private readonly enter: (doing: string) => Promise<Entrance>,
    private readonly guest: GuestPorts,
  ) {}

  async connect(port: number, { host = '127.0.0.1', signal }: PortOptions = {}): Promise<Duplex> {
    const doing = `${this.guest.address}: connecting to port ${port} in the guest`;
    if (isIP(host) === 0) throw new SandformError('GUEST_PORT', { doing, given: host, expected: 'an address: names of a container are looked up only in it', fix: 'give an address' });
    const [program, ...words] = (await this.enter(doing)).onItsNetwork([process.execPath, '-e', CONNECT, host, String(port)]);
    const child = spawn(program, words, { env: { PATH: '/usr/bin:/bin' }, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    const [told] = (await Promise.race([once(child.stderr, 'data'), once(child, 'exit')])) as [Buffer | number | null];
    if (signal?.aborted) throw new SandformError('INTERRUPTED', { doing, cause: signal.reason });
    if (!Buffer.isBuffer(told) || told.toString() !== 'connected') throw new SandformError('GUEST_PORT', { doing, given: String(told) });
    return connection(child);
  }
}

function connection(child: ChildProcessWithoutNullStreams): Duplex {
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => void (duplex.push(chunk) || child.stdout.pause())).once('end', () => duplex.push(null));
  return duplex;
}
