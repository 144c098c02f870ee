import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BaseVolumes } from '../hooks-runtime/images';
import { LibvirtConnection } from '../hooks-runtime/libvirt';
import { imageIndexFile } from '../lib/images';
import { baseVolumeName } from '../lib/naming';
import type { BenchHost } from './bench-host';
import { type Measurement, inTurns, median, seconds } from './measurement';

const execute = promisify(execFile);
const MEBIBYTE = 2 ** 20;
const [SMALL, MIDDLE, LARGE] = [10, 512, 2048] as const;
const ROUNDS = 5;

/** A server of files in a process of its own, so that nobody's work counts as another's. */
const SERVER = `
const { createReadStream, statSync } = require('node:fs');
const server = require('node:http').createServer((request, response) => {
  const file = process.argv[1] + request.url;
  response.writeHead(200, { 'content-length': statSync(file).size, etag: '"' + file + '"' });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response);
}).listen(0, '127.0.0.1', () => process.send(server.address().port));`;

/** Fetches an address into a store, and prints the most memory that it took. */
const PULL = `
const { ImageStore } = require('sandform-bench/dist/hooks-runtime/store');
ImageStore.open().pull({ name: 'disk', source: { kind: 'http', url: process.argv[1], format: 'raw' } }, { project: '/tmp' })
  .then(() => console.log(process.resourceUsage().maxRSS), (error) => { console.error(error); process.exit(1); });`.replace('sandform-bench', join(__dirname, '..'));

/** Fetching an image against curl and sha256sum of the same file, the memory that it takes, and an image that the host has already. */
export async function imagePull(host: BenchHost): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-bench-images-'));
  const server = spawn(process.execPath, ['-e', SERVER, folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const [port] = (await once(server, 'message')) as [number];
    for (const size of [SMALL, MIDDLE, LARGE]) await writeRandom(join(folder, `${size}`), size);
    const url = (size: number): string => `http://127.0.0.1:${port}/${size}`;
    return [await throughput(folder, url(MIDDLE)), await memory(folder, url), await present(host, folder)];
  } finally {
    await ended(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function throughput(folder: string, url: string): Promise<Measurement> {
  const target = join(folder, 'curled');
  const { ours, peer } = await inTurns(
    ROUNDS,
    () => seconds(() => pulled(folder, url)),
    () => seconds(() => execute('sh', ['-c', 'curl -fsS -o "$1" "$2" && sha256sum "$1"', 'sh', target, url])),
  );
  rmSync(target);
  return { what: `an image of ${MIDDLE} MiB from a server of this machine into the store`, unit: 's', ours, peer: { name: 'curl and sha256sum', values: peer }, aim: 'a ratio of at most 1.1' };
}

/** Medians of a few: garbage is not collected at the same moment each time. */
async function memory(folder: string, url: (size: number) => string): Promise<Measurement> {
  const rss = async (size: number): Promise<number> => Number(await pulled(folder, url(size))) / 1024;
  const { ours, peer } = await inTurns(3, () => rss(LARGE), () => rss(SMALL));
  return { what: `memory while ${LARGE} MiB are fetched (${Math.round(median(ours) - median(peer))} MiB more than for ${SMALL} MiB)`, unit: 'MiB', ours, peer: { name: `for ${SMALL} MiB`, values: peer }, aim: 'at most 32 MiB more' };
}

/** What a deploy spends on an image that store and pool have. */
async function present(host: BenchHost, folder: string): Promise<Measurement> {
  const cache = join(folder, 'cache');
  const digest = (await execute('sha256sum', [join(folder, `${SMALL}`)])).stdout.slice(0, 64);
  const image = { digest, format: 'raw' as const, virtualSize: SMALL * MEBIBYTE };
  const environment = { ...process.env, SANDFORM_CACHE: cache };
  mkdirSync(join(cache, 'images'), { recursive: true });
  await writeFile(imageIndexFile(cache, digest), JSON.stringify({ ...image, file: join(folder, `${SMALL}`), size: SMALL * MEBIBYTE }));
  await using connection = await LibvirtConnection.open(host.instance.uri);
  const ensure = async (): Promise<void> => (await BaseVolumes.open(connection)).ensure(image, { environment });
  await ensure();
  const { ours, peer } = await inTurns(
    10,
    async () => (await seconds(ensure)) * 1000,
    async () => (await seconds(() => execute('virsh', ['-c', host.instance.uri, 'vol-info', '--pool', 'sandform', baseVolumeName(digest)]))) * 1000,
  );
  return { what: 'an image that store and pool have, in a deploy', unit: 'ms', ours, peer: { name: 'virsh vol-info', values: peer }, aim: 'under 50 ms' };
}

async function pulled(folder: string, url: string): Promise<string> {
  const cache = join(folder, 'cache');
  const { stdout } = await execute(process.execPath, ['-e', PULL, url], { env: { ...process.env, SANDFORM_CACHE: cache }, timeout: 600_000 });
  rmSync(join(cache, 'store'), { recursive: true });
  return stdout;
}

async function writeRandom(path: string, mebibytes: number): Promise<void> {
  await using file = await open(path, 'w');
  for (let written = 0; written < mebibytes; written++) await file.write(randomBytes(MEBIBYTE));
}

async function ended(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill();
  await end;
}
