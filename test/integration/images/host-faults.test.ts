import { execFileSync } from 'node:child_process';
import { BaseVolumes, SandformPool } from '../../../hooks-runtime/images';
import { LibvirtConnection } from '../../../hooks-runtime/libvirt';
import { OwnHost } from '../fixtures/own-host';
import { TestImages } from '../fixtures/test-image';

describe('a full disk', () => {
  it.each(['raw', 'qcow2'] as const)('ends sending a %s image with DISK_FULL, leaves nothing of it, and the next that fits is sent', async (format) => {
    await using host = await OwnHost.up('test-full');
    const [program = '', ...args] = host.instance.inside(['mount', '-t', 'tmpfs', '-o', 'size=8m,mode=711', 'tmpfs', host.instance.poolPath], { mounts: true });
    execFileSync(program, args);
    using images = new TestImages();
    await using connection = await LibvirtConnection.open(host.uri);
    const bases = await BaseVolumes.open(connection);
    const large = format === 'raw' ? images.raw(20 * 2 ** 20) : images.qcow2(64 * 2 ** 20, 20);
    const small = images.raw(2 * 2 ** 20);

    await expect(bases.ensure(large, { environment: images.environment })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect((await (await SandformPool.ensure(connection)).volumes()).map(({ volume }) => volume.name)).toEqual([]);
    await bases.ensure(small, { environment: images.environment });
  });
});

describe('a libvirtd that is killed', () => {
  it('ends sending an image with LIBVIRT_LOST, and the next attempt sends all of it', async () => {
    await using host = await OwnHost.up('test-lost');
    using images = new TestImages();
    const image = images.raw(300 * 2 ** 20);
    {
      await using connection = await LibvirtConnection.open(host.uri);
      const bases = await BaseVolumes.open(connection);
      const kill = () => {
        for (const pid of host.instance.processIds('libvirtd')) process.kill(pid, 'SIGKILL');
      };
      await expect(bases.ensure(image, { environment: images.environment, onProgress: kill })).rejects.toMatchObject({ code: 'LIBVIRT_LOST' });
    }
    await using connection = await eventually(() => LibvirtConnection.open(host.uri));
    await (await BaseVolumes.open(connection)).ensure(image, { environment: images.environment });
    expect((await (await SandformPool.ensure(connection)).volumes()).map(({ kind }) => kind).sort()).toEqual(['base', 'ready']);
    expect((await connection.pools.list()).map(({ name }) => name)).toEqual(['sandform']);
  });
});

/** libvirtd comes back within a second or two. */
async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = 50; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
