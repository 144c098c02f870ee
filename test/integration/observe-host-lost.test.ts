import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inlineHook } from '../../hooks-runtime/hooks';
import { observe } from '../../hooks-runtime/run';
import { testSandbox } from './fixtures/test-sandbox';
import { testHost } from './host';

// An instance of this file's own: nobody else minds when its daemon dies.
process.env['SANDFORM_TEST_HOST'] = `lost-${randomBytes(3).toString('hex')}`;
afterAll(async () => (await testHost()).instance.down({ purge: true }));

describe('libvirtd killed during a run', () => {
  it('ends it promptly with LIBVIRT_LOST, recorded, with a report', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'sandform-lost-'));
    const { instance } = await testHost();
    // The instance goes with all that it holds; only the connection, which dies here, must be closed.
    const test = await testSandbox({ running: false, conduct: { power: 'managed' } });
    await using sandbox = await test.connect();
    let killedAt = 0;
    const kills = inlineHook('kills', ({ events, after }) => void events.once('command_started', () => after('300ms', () => {
      killedAt = Date.now();
      for (const pid of instance.processIds('libvirtd')) process.kill(pid, 'SIGKILL');
    })));

    const result = await observe(sandbox, { runs, projectFolder: runs, hooks: [kills], command: 'sleep 1000' });

    expect(result.verdict.outcome).toBe('failed');
    expect(result.verdict.reasons[0]?.code).toBe('LIBVIRT_LOST');
    expect(result.record.run.status).toBe('failed');
    expect(result.report).toBeDefined();
    expect(Date.now() - killedAt).toBeLessThan(5_000);
    await test.connection.close();
    rmSync(runs, { recursive: true });
  });
});
