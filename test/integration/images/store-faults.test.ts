import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ImageStore } from '../../../hooks-runtime/store';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import type { PoolSource } from '../../../lib/images';
import { type Fault, ImageServer, qcow2 } from '../../unit/images/image-server';
import { tarball } from '../../unit/containers/tarball';
import { lockedExample } from '../fixtures/image-example';
import { TestProject } from '../fixtures/project';
import { testHost } from '../host';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a store on a full disk', () => {
  const PROGRAM = `
    const { ImageStore } = require('./dist/hooks-runtime/store');
    const { readdirSync } = require('node:fs');
    ImageStore.open().pull({ name: 'disk', source: { kind: 'http', url: process.env.URL } }, { project: '/tmp', pause: 1 })
      .catch((error) => process.stdout.write(JSON.stringify({ error, left: readdirSync(process.env.SANDFORM_CACHE + '/store/partial') })));`;
  const pullOnTmpfs = async (url: string): Promise<unknown> => {
    const script = 'mount -t tmpfs -o size=4m tmpfs "$SANDFORM_CACHE" && exec "$0" -e "$1"';
    const { stdout } = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', script, process.execPath, PROGRAM], { cwd: resolve(__dirname, '../../..'), env: { ...process.env, SANDFORM_CACHE: folder, URL: url } });
    return JSON.parse(stdout);
  };
  const withoutSize: Fault = (request, response, { content }) => Boolean(request.method === 'HEAD' ? response.writeHead(200, { 'transfer-encoding': 'chunked' }).end() : response.writeHead(200).end(content));

  it.each<[string, Fault | undefined]>([
    ['that is told how large the image is', undefined],
    ['that finds out while it writes', withoutSize],
  ])('%s says DISK_FULL, and keeps nothing', async (_what, fault) => {
    await using server = await ImageServer.start(qcow2(8_000_000));
    server.fault = fault;
    expect(await pullOnTmpfs(server.url)).toMatchObject({ error: { code: 'DISK_FULL', fix: expect.stringContaining('images prune') }, left: [] });
  });
});

describe('a storage pool of libvirt', () => {
  it('gives a volume by name, and the newest by pattern', async () => {
    const host = await testHost();
    const { uri } = host;
    await using connection = await LibvirtConnection.open(uri);
    const files = join(folder, 'pool');
    const name = `images-${process.pid}`;
    const pool = await connection.pools.define(`<pool type='dir'><name>${name}</name><target><path>${files}</path></target></pool>`);
    await pool.build();
    await pool.create();
    try {
      const contents = { 'root.tar': await tarball([{ name: 'etc/motd', content: 'of a pool' }]), 'lab-1.qcow2': qcow2(100_000), 'lab-2.qcow2': qcow2(200_000), 'other.qcow2': qcow2(300_000) };
      for (const [file, content] of Object.entries(contents)) {
        const volume = await pool.createVolume(`<volume><name>${file}</name><capacity>${content.length}</capacity><target><format type='raw'/></target></volume>`);
        writeFileSync(join(folder, 'content'), content);
        await volume.upload(join(folder, 'content'));
      }
      const pull = (choice: Partial<PoolSource>) => ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache') }).pull({ name: 'disk', source: { kind: 'pool', pool: name, uri, ...choice } }, { project: folder, pause: 1 });
      expect((await pull({ volume: 'lab-1.qcow2' })).pinned).toMatchObject({ version: { volume: 'lab-1.qcow2' }, size: 100_000 });
      expect((await pull({ newest: 'lab-*.qcow2' })).pinned).toMatchObject({ version: { volume: 'lab-2.qcow2' }, size: 200_000 });
      expect((await pull({ volume: 'root.tar', holds: 'root' })).pinned.image).toMatchObject({ kind: 'tarball' });
      using project = TestProject.create({ environment: { ...host.environment, SANDFORM_CACHE: join(folder, 'cache') } }, '');
      expect(await lockedExample(project, 'image-sources/pool.ts', { IMAGE_POOL: name })).toContain(createHash('sha256').update(contents['lab-2.qcow2']).digest('hex'));
      const { pinned } = await pull({ volume: 'other.qcow2' });
      await (await pool.volume('other.qcow2')).delete();
      rmSync(join(folder, 'cache'), { recursive: true });
      await expect(ImageStore.open({ SANDFORM_CACHE: join(folder, 'cache') }).pullPinned({ name: 'disk', source: { kind: 'pool', pool: name, uri, volume: 'other.qcow2' }, pinned }, { project: folder, pause: 1 })).rejects.toMatchObject({ code: 'IMAGE_VANISHED' });
      for (const choice of [{ volume: 'nothing' }, { newest: 'none-*' }, { pool: 'no-pool', volume: 'x' }]) await expect(pull(choice)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    } finally {
      await pool.destroy();
      await pool.undefine();
    }
  });
});
