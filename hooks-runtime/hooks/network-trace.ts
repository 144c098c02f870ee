import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { SandformError, messageOf } from '../../lib/errors';
import { type Static, Type } from '../../lib/schema';
import { printable } from '../../lib/text';
import { eventName } from './config-types';
import { Hook } from './hook';
import type { HookContext } from './hook-context';

const Config = Type.Object(
  {
    start: eventName({ description: 'event on which a trace begins' }),
    stop: eventName({ description: 'event on which it ends; the end of the run ends it too' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, description: 'bytes after which no more is kept' })),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Config>;

/**
 * Records what passes the first NIC of the sandbox, and of no other, as a pcap file: fires `network_tracing_started` once it listens, and
 * `network_traced` when the file is in the record. Listens with tcpdump, which must be installed and allowed to, on the machine and in the network
 * namespace that libvirt runs in.
 */
export class NetworkTrace extends Hook<Config, Config> {
  static override readonly source = __filename;
  static override readonly config = Config;
  static override readonly needs = ['network'] as const;

  override attach(context: HookContext, { start, stop, limit }: Config): void {
    const { events } = context;
    let trace: Trace | undefined;
    const end = async ({ name }: { readonly name: string }): Promise<void> => {
      const ending = trace;
      trace = undefined;
      if (ending !== undefined) await events.emit('network_traced', { artifact: await ending.end(), reason: name });
    };
    events.on(start, async () => {
      if (trace !== undefined) return;
      trace = await Trace.begin(context, limit);
      await events.emit('network_tracing_started', { device: trace.device });
    });
    events.on(stop, end);
    events.on('run_ending', end);
  }
}

const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(':');

/** One listening tcpdump, and the file that it fills. */
class Trace {
  private constructor(
    readonly device: string,
    private readonly child: ChildProcess,
    private readonly kept: Promise<string>,
  ) {}

  /** Resolves when it listens. */
  static async begin({ sandbox, record, signal }: HookContext, limit: number | undefined): Promise<Trace> {
    const doing = `${sandbox.address}: tracing its network`;
    const device = (await sandbox.interfaces()).find((nic) => nic.device !== undefined)?.device;
    if (device === undefined) throw new SandformError('SANDBOX_OFF', { doing, given: 'no NIC with an end on this host', expected: 'a sandbox that is on, with a NIC' });
    const child = spawn('tcpdump', ['-i', device, '-U', '-n', '-w', '-'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH } });
    signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    await listening(child, child.stderr, doing);
    const kept = record.keep('network', bounded(child.stdout, limit), { type: 'application/vnd.tcpdump.pcap' }).then(({ file }) => file);
    // Whoever ends the trace meets it.
    kept.catch(() => child.kill('SIGKILL'));
    return new Trace(device, child, kept);
  }

  /** Name of the file in the record. */
  async end(): Promise<string> {
    // It writes what it has, and goes.
    this.child.kill('SIGINT');
    return this.kept;
  }
}

/** tcpdump says so on standard error. */
function listening(child: ChildProcess, errors: Readable, doing: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const failed = (given: string, cause?: unknown) => reject(new SandformError('PROCESS_FAILED', { doing, given, expected: 'tcpdump to listen on the NIC', fix: 'install tcpdump, and run where libvirt runs, as root or with CAP_NET_RAW', cause }));
    errors.on('data', (piece: Buffer) => {
      if (said.length < 4096) said += piece.toString('utf8');
      if (/listening on/.test(said)) resolve();
    });
    child.on('error', (error) => failed(messageOf(error), error));
    child.on('close', () => failed(printable(said, { limit: 500 })));
  });
}

/** What comes after the limit is read and forgotten. */
async function* bounded(pieces: Readable, limit = Infinity): AsyncGenerator<Buffer> {
  let left = limit;
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    if (left > 0) yield piece.subarray(0, left);
    left -= piece.length;
  }
}
