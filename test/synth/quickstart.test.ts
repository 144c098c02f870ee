import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plan, companionCall, workbench } from './synthesized';

const bench = workbench();
const project = join(__dirname, '../..');

describe('the quickstart', () => {
  it('synthesizes by the command in cdktf.json', () => {
    const { app } = JSON.parse(readFileSync(join(project, 'cdktf.json'), 'utf8')) as { app: string };
    const outdir = join(bench.folder, 'quickstart');
    execFileSync('/bin/sh', ['-c', app], { cwd: project, env: { ...process.env, CDKTF_OUTDIR: outdir }, stdio: 'pipe' });
    const plan = JSON.parse(readFileSync(join(outdir, 'stacks/quickstart/cdk.tf.json'), 'utf8')) as Plan;
    const [hello] = companionCall(plan, 'after', 'conduct/0');
    expect(hello).toMatchObject({ name: 'quickstart-hello', conduct: { ttl: 3_600_000, labels: { purpose: 'quickstart' } } });
    expect((hello!['conduct'].hooks as Plan[]).map(({ from }) => from as unknown)).toEqual([
      { package: 'sandform/hooks', export: 'Timers' },
      { package: 'sandform/hooks', export: 'Screenshots' },
    ]);
  });
});
