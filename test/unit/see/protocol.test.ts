import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { freeSubnet } from '../../../hooks-runtime/adhoc/pick-subnet';
import { DiskCheckpoint, type Hook, type InlineHook, MemoryDump, SeeAgent, SeeProtocol, inlineHook } from '../../../hooks-runtime/hooks';
import { observe } from '../../../hooks-runtime/run';
import { Subnet } from '../../../lib/network';
import { type FakeSandbox, fakeSandbox } from '../../../testing';

const folder = mkdtempSync(join(tmpdir(), 'sandform-see-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NIC = { network: 'net', mac: '52:54:00:00:00:01', model: 'virtio' };

/** A sandbox with an address on loopback, where agents of tests listen. */
function reachable(): FakeSandbox {
  const sandbox = fakeSandbox({ domain: { nics: [NIC] } });
  sandbox.guestAddresses = [{ family: 'ipv4', address: '127.0.0.1' }];
  return sandbox;
}

/** Runs hooks and tells the events that are not libvirt's, and what failed. */
async function observed(sandbox: FakeSandbox, hooks: readonly (Hook | InlineHook)[]) {
  const events: string[] = [];
  sandbox.events.onAny(({ name, source }) => void (source === 'libvirt' || events.push(name)));
  const { verdict, record } = await observe(sandbox, { hooks, runs: folder });
  return { events, reasons: verdict.reasons.map(({ code, doing }) => `${code} ${doing}`), record };
}

describe("SEE's customary protocol", () => {
  const short = { wait: '0s', address: '0s' } as const;

  it('goes its way in order, and ends with a sandbox that is off', async () => {
    const sandbox = reachable();
    const { events, reasons } = await observed(sandbox, [new SeeProtocol({ ...short, sample: '/x/sample', command: 'start {sample}' })]);
    expect(reasons).toEqual([]);
    expect(events.filter((name) => !/^(pre|post)_/.test(name))).toEqual(['run_started', 'ip_address', 'run_sample', 'snapshots_capture', 'start_analysis', 'wait_analysis', 'run_ending']);
    expect(sandbox.calls).toEqual(['poweron', 'pause', 'resume', 'shutdown']);
  });

  it('begins at once where the sandbox is on, without a sample or a network too', async () => {
    const sandbox = fakeSandbox({ state: 'running' });
    const { events, reasons } = await observed(sandbox, [new SeeProtocol(short)]);
    expect(reasons).toEqual([]);
    expect(events).not.toContain('ip_address');
    expect(events).not.toContain('run_sample');
    expect(sandbox.calls).toEqual(['pause', 'resume', 'shutdown']);
  });

  it('runs nothing in a guest that gets no address, but captures it and shuts it down', async () => {
    const sandbox = fakeSandbox({ domain: { nics: [NIC] } });
    const { events, reasons } = await observed(sandbox, [new SeeProtocol({ ...short, sample: '/x/sample', wait: '1h' })]);
    expect(reasons).toEqual([expect.stringMatching(/^GUEST_UNREACHABLE .*waiting for an address/)]);
    expect(events).not.toContain('run_sample');
    expect(events).toEqual(expect.arrayContaining(['snapshots_capture', 'wait_analysis']));
    expect(sandbox.calls).toEqual(['poweron', 'pause', 'resume', 'shutdown']);
  });

  it('cuts the power of a guest that does not shut down, and goes on', async () => {
    const sandbox = reachable();
    sandbox.power.shutdown = () => Promise.reject(new Error('deaf'));
    const { events, reasons } = await observed(sandbox, [new SeeProtocol(short)]);
    expect(reasons).toEqual([expect.stringMatching(/^INTERNAL .*shutting down/)]);
    expect(sandbox.calls.at(-1)).toBe('poweroff');
    expect(events).toContain('wait_analysis');
  });

  it('ends with its run', async () => {
    const sandbox = reachable();
    const stop = new AbortController();
    sandbox.events.on('ip_address', () => stop.abort());
    const { verdict } = await observe(sandbox, { hooks: [new SeeProtocol({ ...short, wait: '1h' })], runs: folder, signal: stop.signal });
    expect(verdict.outcome).toBe('interrupted');
    expect(verdict.reasons.map(({ code }) => code)).toEqual(['INTERRUPTED']);
    expect(sandbox.calls).toEqual(['poweron', 'poweroff']);
  });
});

describe("the client of SEE's agent", () => {
  let server: Server;
  let port: number;
  let heard: { method: string | undefined; query: Record<string, string>; body: string; headers: IncomingMessage['headers'] }[];
  let answer: (query: Record<string, string>) => { status?: number; body: string } | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
        heard.push({ method: request.method, query, body: Buffer.concat(pieces).toString(), headers: request.headers });
        const given = answer(query);
        if (given === undefined) request.socket.destroy();
        else response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(given.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    heard = [];
    answer = () => ({ body: JSON.stringify({ exit_code: 0, command_output: 'done' }) });
  });

  const fires = (name: string, data: object, before: () => Promise<void> = async () => undefined) =>
    inlineHook('fires', ({ events }) => void events.once('run_started', async () => {
      await before();
      await events.emit('ip_address', { address: '127.0.0.1' });
      await events.emit(name, data as Record<string, unknown>);
    }));
  const agent = () => new SeeAgent({ port, patience: '0s', timeout: '5s' });

  it('runs a command, and keeps the answer', async () => {
    const { events, reasons, record } = await observed(reachable(), [agent(), fires('run_command', { command: 'dir "c:\\x y" & echo ü', async: true })]);
    expect(reasons).toEqual([]);
    expect(heard).toMatchObject([{ method: 'GET', query: { command: 'dir "c:\\x y" & echo ü', async: '1' } }]);
    expect(events).toContain('agent_answered');
    const [kept] = record.artifacts('agent-answer');
    expect(JSON.parse(readFileSync(join(record.folder, kept!.file), 'utf8'))).toMatchObject({ exit_code: 0, command_output: 'done' });
  });

  it('sends a sample with its length', async () => {
    const sample = join(folder, 'sample.exe');
    writeFileSync(sample, 'MZ');
    const { reasons } = await observed(reachable(), [agent(), fires('run_sample', { command: 'start {sample}', sample })]);
    expect(reasons).toEqual([]);
    expect(heard).toMatchObject([{ method: 'POST', query: { command: 'start {sample}', sample: 'sample.exe', async: '0' }, body: 'MZ', headers: { 'content-length': '2' } }]);
  });

  it.each<[string, string, object, () => ReturnType<typeof answer>, RegExp]>([
    ['an answer that is no JSON', 'run_command', { command: 'x' }, () => ({ body: '<html>' }), /asking SEE's agent/],
    ['an answer of another shape', 'run_command', { command: 'x' }, () => ({ body: '{"exit_code": "0"}' }), /asking SEE's agent/],
    ['a status of failure', 'run_command', { command: 'x' }, () => ({ status: 501, body: '{}' }), /asking SEE's agent/],
    ['a connection that is closed, which SEE means by a bad request', 'run_command', { command: 'x' }, () => undefined, /asking SEE's agent/],
    ['an event without a command', 'run_command', {}, () => undefined, /reading the event/],
    ['a sample that the command does not name', 'run_sample', { command: 'x', sample: '/x' }, () => undefined, /reading the event/],
  ])('tells of %s', async (_, name, data, given, doing) => {
    answer = given;
    const { reasons } = await observed(reachable(), [agent(), fires(name, data)]);
    expect(reasons).toEqual([expect.stringMatching(new RegExp(`^SEE_AGENT .*${doing.source}`))]);
  });

  it('tells of a sample that is not there, of an agent that does not listen, and of an address that nobody told', async () => {
    const gone = await observed(reachable(), [agent(), fires('run_sample', { command: '{sample}', sample: '/gone' })]);
    const deaf = await observed(reachable(), [new SeeAgent({ port: 9, patience: '0s' }), fires('run_command', { command: 'x' })]);
    const lost = await observed(reachable(), [agent(), inlineHook('early', ({ events }) => void events.once('run_started', () => events.emit('run_command', { command: 'x' })))]);
    for (const { reasons } of [gone, deaf, lost]) expect(reasons).toEqual([expect.stringMatching(/^SEE_AGENT /)]);
    expect(heard).toEqual([]);
  });

  it('does not take in an answer without end', async () => {
    answer = () => ({ body: JSON.stringify({ exit_code: 0, command_output: 'x'.repeat(17 * 2 ** 20) }) });
    expect((await observed(reachable(), [agent(), fires('run_command', { command: 'x' })])).reasons).toEqual([expect.stringMatching(/^GUEST_FLOOD /)]);
  });
});

it('memory is dumped compressed, on each of its events', async () => {
  const { record, reasons, events } = await observed(fakeSandbox(), [new MemoryDump({ on: ['snapshots_capture'] }), new SeeProtocol({ wait: '0s' })]);
  expect(reasons).toEqual([]);
  expect(events).toContain('memory_dumped');
  const [kept] = record.artifacts('memory');
  expect(kept).toMatchObject({ reason: 'snapshots_capture', file: expect.stringMatching(/\.gz$/) });
  expect(gunzipSync(readFileSync(join(record.folder, kept!.file))).toString('latin1')).toBe('\x7fELF');
});

it('disks are kept on each of their events, with the image that they lie over', async () => {
  const image = { digest: 'a'.repeat(64), format: 'qcow2', virtualSize: 1 } as const;
  const sandbox = fakeSandbox({ domain: { disks: [{ name: 'root', image, size: 1, bus: 'virtio' }] } });
  const told: unknown[] = [];
  sandbox.events.on('disk_checkpoint_taken', ({ data }) => void told.push(data));
  const { record, reasons } = await observed(sandbox, [new DiskCheckpoint({ on: ['snapshots_capture', 'post_shutdown'] }), new SeeProtocol({ wait: '0s' })]);
  expect(reasons).toEqual([]);
  expect(record.artifacts('disk').map(({ reason, file }) => [reason, file.split('.').at(-1)])).toEqual([['snapshots_capture', 'qcow2'], ['post_shutdown', 'qcow2']]);
  expect(told).toMatchObject([{ image: image.digest }, { image: image.digest }]);
});

describe('a free subnet', () => {
  const range = Subnet.parse('10.0.0.0/16');
  const taken = ['10.0.0.0/17', '10.0.128.0/24'].map((text) => Subnet.parse(text));

  it.each([0, 1, 128, 255])('is found from place %i on, past all that overlaps', (start) => {
    const found = freeSubnet(range, 24, taken, () => start)!;
    expect(taken.some((other) => other.overlaps(found))).toBe(false);
    expect(range.overlaps(found)).toBe(true);
  });

  it('is none in a full range, however large it is', () => {
    expect(freeSubnet(Subnet.parse('10.0.0.0/8'), 29, [Subnet.parse('10.0.0.0/8')])).toBeUndefined();
    expect(freeSubnet(range, 24, [Subnet.around('10.0.0.0', 8)!], () => 77)).toBeUndefined();
    expect(freeSubnet(range, 16, [])?.toString()).toBe('10.0.0.0/16');
  });
});
