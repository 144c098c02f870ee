import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageLock } from '../../../lib/images';
import { ImageServer } from '../../unit/images/image-server';
import { busyboxRoot } from '../fixtures/busybox-root';
import { lockedExample } from '../fixtures/image-example';
import { TestProject } from '../fixtures/project';
import { testHost } from '../host';

/** The host has it unpacked for nobody yet. */
function unlikeAnyOther(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-root-'));
  const script = 'zcat "$0" >root.tar && echo "$1" >mark && tar -rf root.tar mark && xz -0 -c root.tar';
  const bytes = execFileSync('sh', ['-c', script, busyboxRoot(), randomBytes(8).toString('hex')], { cwd: folder, maxBuffer: 2 ** 28 });
  rmSync(folder, { recursive: true });
  return bytes;
}

describe('the example of a tarball behind an address', () => {
  it('is locked, fetched by whoever deploys it, and then deployed without the server', async () => {
    await using server = await ImageServer.start(unlikeAnyOther());
    const cache = mkdtempSync(join(tmpdir(), 'sandform-cache-'));
    using project = TestProject.create({ environment: { ...(await testHost()).environment, SANDFORM_CACHE: cache } }, '');
    const images = async (...words: string[]) => JSON.parse((await project.expectDone(project.sandform('images', ...words, '--json'))).stdout) as Record<string, unknown[]>;
    const deployedContainerSays = async (words: string) => {
      await project.expectDone(await project.apply('tarball'));
      const { stdout } = await project.expectDone(project.sandform('exec', 'tarball/guest', '--', 'echo', words));
      return stdout;
    };
    try {
      expect(await lockedExample(project, 'image-sources/tarball.ts', { ROOT_URL: server.url })).toContain(server.digest);
      const { rootfs } = (JSON.parse(readFileSync(join(project.folder, 'sandform.lock.json'), 'utf8')) as ImageLock).sources;
      expect(rootfs).toMatchObject({ digest: server.digest, image: { digest: server.digest, kind: 'tarball' } });

      rmSync(join(cache, 'store'), { recursive: true });
      expect(await deployedContainerSays('first')).toBe('first\n');
      expect(server.downloads).toBe(2);
      expect(await images('ls')).toMatchObject({ sources: [{ name: 'rootfs', isHere: true, image: { kind: 'tarball' } }], files: [{ kind: 'blob', name: server.digest }] });
      expect(await images('verify')).toMatchObject({ whole: 1, damaged: [] });
      expect(await images('prune', '--unused-for', '0s')).toMatchObject({ removed: [] });

      server.fault = (_request, response) => Boolean(response.writeHead(503).end());
      expect(await images('pull')).toMatchObject({ pulled: [{ name: 'rootfs' }] });
      await project.destroyed('tarball');
      expect(await images('prune', '--unused-for', '0s')).toMatchObject({ removed: [{ name: server.digest }] });
      // Unpacked it is on the host still.
      expect(await deployedContainerSays('again')).toBe('again\n');
    } finally {
      await project.destroy('tarball').then(({ end }) => end);
      rmSync(cache, { recursive: true });
    }
  });
});
