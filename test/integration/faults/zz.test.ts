import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

it('x', async () => {
  const t0 = performance.now(); const lap = (s: string) => process.stderr.write(`${((performance.now() - t0)/1000).toFixed(1)} ${s}\n`);
  await using host = await OwnHost.up('faults-x'); lap('up');
  lap(JSON.stringify(await host.leftovers()));
  using project = TestProject.create(host, `
    const stack = new SandboxStack(app, 'lab', { ttl: '1h' });
    const net = new SandboxNetwork(stack, 'net');
    new Sandbox(stack, 'victim', { guest: Guest.micro(), networks: [net] });`);
  await project.synth(); lap('synth');
  const a = await (await project.apply('lab')).end; lap('apply' + a.exitCode); process.stderr.write(a.output);
  lap(JSON.stringify(await host.leftovers()));
  lap('clean: ' + await project.planIsClean('lab'));
  const r = await project.sandform('run', 'lab/victim', '--', 'sh', '-c', 'echo hi; uname').end; lap('run'); process.stderr.write(r.output);
  lap('clean: ' + await project.planIsClean('lab'));
  const d = await (await project.destroy('lab')).end; lap('destroy' + d.exitCode); process.stderr.write(d.output);
  lap(JSON.stringify(await host.leftovers()));
  const p = await project.sandform('reap', '--all').end; lap('reap'); process.stderr.write(p.output);
  lap(JSON.stringify(await host.leftovers()));
}, 300000);
