import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

describe('a run whose disk is full', () => {
  it('ends in order with RECORD_UNWRITABLE, powers off, and its record says how it ended', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'sandform-full-'));
    const program = join(__dirname, 'fixtures/full-disk-run.js');
    // The small file system is there for this process alone, and goes with it.
    const script = 'mount -t tmpfs -o size=2m sandform-test "$1" && exec "$2" "$3" "$1"';
    const { stdout } = await run('unshare', ['-m', 'sh', '-c', script, 'sh', runs, process.execPath, program], { timeout: 60_000 });
    rmSync(runs, { recursive: true });
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: { outcome: 'failed', reasons: [{ code: 'RECORD_UNWRITABLE', given: expect.stringContaining('ENOSPC') }] },
      status: 'failed',
      calls: ['poweron', 'poweroff'],
    });
  });
});
