import { execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BaseVolumes, prunableBases, SandformPool } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { readVolumeXml } from '../../../lib/domain-xml';
import { baseVolumeName } from '../../../lib/naming';
import type { ImageReference } from '../../../lib/spec';
import { TestImages } from '../fixtures/test-image';
import { testHost } from '../host';

let uri: string;
let connection: LibvirtConnection;
let images: TestImages;

beforeAll(async () => {
  ({ uri } = await testHost());
  connection = await LibvirtConnection.open(uri);
});
afterAll(() => connection.close());
beforeEach(() => {
  images = new TestImages();
});
afterEach(async () => {
  images[Symbol.dispose]();
  // Others use this libvirt as well: only what this test has made.
  for (const base of await prunableBases(connection, { unusedFor: 0 })) if (images.digests.includes(base.digest)) await base.remove();
});

const ensure = async (image: ImageReference, options = {}) => (await BaseVolumes.open(connection)).ensure(image, { environment: images.environment, ...options });

/** What the pool holds of an image: kinds of volumes. */
async function heldOf({ digest }: ImageReference): Promise<string[]> {
  const pool = await SandformPool.ensure(connection);
  return (await pool.volumes()).filter(({ volume }) => volume.name.includes(digest)).map(({ kind }) => kind).sort();
}

async function bytesOf({ digest }: ImageReference): Promise<string> {
  const volume = await (await SandformPool.ensure(connection)).findVolume(baseVolumeName(digest));
  const hash = createHash('sha256');
  for await (const piece of volume!.download()) hash.update(piece as Buffer);
  return hash.digest('hex');
}

describe('bringing an image to the host', () => {
  it('puts the very bytes into a volume named by their digest, and says that it is complete', async () => {
    const image = images.raw(3_000_001);
    await ensure(image);
    expect(await heldOf(image)).toEqual(['base', 'ready']);
    expect(await bytesOf(image)).toBe(image.digest);
  });

  it('makes a qcow2 image a volume of its virtual size that an overlay can lie over', async () => {
    const image = images.qcow2(64 * 2 ** 20);
    await ensure(image);
    const pool = await SandformPool.ensure(connection);
    await pool.refresh();
    const volume = await pool.findVolume(baseVolumeName(image.digest));
    expect(readVolumeXml(await volume!.xml())).toEqual({ format: 'qcow2', backing: undefined });
    expect(JSON.parse(execFileSync('qemu-img', ['info', '--output=json', volume!.path], { encoding: 'utf8' }))).toMatchObject({ format: 'qcow2', 'virtual-size': 64 * 2 ** 20 });
  });

  it('is done once for each digest', async () => {
    const image = images.raw(100_000);
    await ensure(image);
    rmSync(image.file);
    await ensure(image);
    expect(await heldOf(image)).toEqual(['base', 'ready']);
  });

  it('fails with IMAGE_MISSING where this machine never saw the image', async () => {
    const image: ImageReference = { digest: 'ab'.repeat(32), format: 'raw', virtualSize: 1 };
    await expect(ensure(image)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    expect(await heldOf(image)).toEqual([]);
  });

  it('fails with IMAGE_MISSING where its file is gone', async () => {
    const image = images.raw(1000);
    rmSync(image.file);
    await expect(ensure(image)).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    expect(await heldOf(image)).toEqual([]);
  });

  it.each([
    ['changed', (file: string) => writeFileSync(file, Buffer.alloc(100_000, 7))],
    ['grown', (file: string) => appendFileSync(file, 'more')],
    ['cut', (file: string) => truncateSync(file, 50_000)],
  ])('fails with IMAGE_CHANGED and leaves nothing where its file has %s', async (_how, change) => {
    const image = images.raw(100_000);
    change(image.file);
    await expect(ensure(image)).rejects.toMatchObject({ code: 'IMAGE_CHANGED' });
    expect(await heldOf(image)).toEqual([]);
  });

  it('sends an image again that an earlier upload left without its end', async () => {
    const image = images.raw(200_000);
    const pool = await SandformPool.ensure(connection);
    await pool.createVolume(`<volume><name>${baseVolumeName(image.digest)}</name><capacity>200000</capacity><target><format type='raw'/></target></volume>`);
    await ensure(image);
    expect(await bytesOf(image)).toBe(image.digest);
  });

  it('sends an image again whose file was removed behind the back of libvirt', async () => {
    const image = images.raw(200_000);
    await ensure(image);
    rmSync((await (await SandformPool.ensure(connection)).findVolume(baseVolumeName(image.digest)))!.path);
    await ensure(image);
    expect(await bytesOf(image)).toBe(image.digest);
  });

  it('stops when it is interrupted, and leaves nothing', async () => {
    const image = images.raw(50_000_000);
    const interruption = new AbortController();
    await expect(ensure(image, { signal: AbortSignal.any([interruption.signal, AbortSignal.timeout(20)]) })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await heldOf(image)).toEqual([]);
  });

  it('sends it once when ten processes want it at once', async () => {
    const image = images.raw(20_000_000);
    const children = Array.from({ length: 10 }, () => ensuring(image));
    const ends = await Promise.all(children.map(async (child) => (await once(child, 'exit')) as [number]));
    expect(ends.map(([code]) => code)).toEqual(Array(10).fill(0));
    expect(await heldOf(image)).toEqual(['base', 'ready']);
    expect(await bytesOf(image)).toBe(image.digest);
  });

  it('is repeated after kill -9 in its middle, and never counted as complete before', async () => {
    const image = images.raw(400_000_000);
    for (const share of [0.1, 0.3, 0.7]) {
      const child = ensuring(image);
      await new Promise<void>((resolve) => child.on('message', (sent) => { if ((sent as number) >= share) resolve(); }));
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await heldOf(image)).toEqual(['base']);
    }
    await ensure(image);
    expect(await heldOf(image)).toEqual(['base', 'ready']);
    expect(await bytesOf(image)).toBe(image.digest);
  });
});

describe('pruning', () => {
  it('keeps what a volume lies over, and takes it when that is gone', async () => {
    const image = images.qcow2(16 * 2 ** 20);
    await ensure(image);
    const pool = await SandformPool.ensure(connection);
    const base = await pool.findVolume(baseVolumeName(image.digest));
    const overlay = `t-${image.digest.slice(0, 8)}.root.qcow2`;
    await pool.createVolume(`<volume><name>${overlay}</name><capacity unit='MiB'>16</capacity><target><format type='qcow2'/></target><backingStore><path>${base!.path}</path><format type='qcow2'/></backingStore></volume>`);
    const digests = async () => (await prunableBases(connection, { unusedFor: 0 })).map(({ digest }) => digest);
    expect(await digests()).not.toContain(image.digest);
    await pool.remove(overlay);
    expect(await digests()).toContain(image.digest);
  });

  it('keeps what a deploy has just asked for', async () => {
    const image = images.raw(1000);
    await ensure(image);
    expect((await prunableBases(connection)).map(({ digest }) => digest)).not.toContain(image.digest);
  });

  it('leaves an image alone that came into use after it was found', async () => {
    const image = images.qcow2(16 * 2 ** 20);
    await ensure(image);
    const pool = await SandformPool.ensure(connection);
    const found = (await prunableBases(connection, { unusedFor: 0 })).find(({ digest }) => digest === image.digest);
    const base = await pool.findVolume(baseVolumeName(image.digest));
    const overlay = `t-${image.digest.slice(0, 8)}.root.qcow2`;
    await pool.createVolume(`<volume><name>${overlay}</name><capacity unit='MiB'>16</capacity><target><format type='qcow2'/></target><backingStore><path>${base!.path}</path><format type='qcow2'/></backingStore></volume>`);
    expect(await found!.remove()).toBe(false);
    expect(await heldOf(image)).toEqual(['base', 'ready']);
    await pool.remove(overlay);
  });
});

/** A process that brings an image and tells the share that it has sent. */
function ensuring(image: ImageReference) {
  return fork(join(__dirname, '..', 'fixtures', 'ensure-image.js'), [uri, JSON.stringify(image)], { env: images.environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
