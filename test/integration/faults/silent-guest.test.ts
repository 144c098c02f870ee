import { listRuns } from '../../../hooks-runtime/record';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

describe('a guest that never answers', () => {
  it('fails the run with GUEST_UNREACHABLE when its time is over, and is powered off', async () => {
    await using host = await OwnHost.up('faults-silent');
    using project = TestProject.create(
      host,
      `const { WaitForGuest } = require('sandform/hooks');
       const guest = Guest.fromImage(Image.fromPath('blank.raw', { format: 'raw' }), { execPort: 'org.sandform.exec.0', memory: '64MiB' });
       new Sandbox(new SandboxStack(app, 'lab'), 'mute', { guest, power: 'managed', hooks: [new WaitForGuest({ timeout: '3s' })] });`,
    );
    project.write('blank.raw', Buffer.alloc(2 ** 20));
    await project.deployed('lab');
    expect((await project.sandform('run', 'lab/mute', '--deadline', '8s').end).exitCode).toBe(1);
    const { runs } = await listRuns(project.runs);
    expect(runs[0]?.run.verdict).toMatchObject({ outcome: 'failed', reasons: expect.arrayContaining([expect.objectContaining({ code: 'GUEST_UNREACHABLE' })]) });
    expect(host.virsh('domstate', 'lab-mute').trim()).toBe('shut off');
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
