import { listRuns } from '../../../hooks-runtime/record';
import { OwnHost } from '../fixtures/own-host';
import { TestProject } from '../fixtures/project';

/** Everything that some tool on the way takes for more than text: Terraform, its JSON, XSLT, XML, shells, Unicode. */
const HOSTILE = 'a ${path.module} $${b} %{if true}c%{endif} #{d} {e} "f" \'g\' <h>&amp;]]><!-- \\n \\u0041 `id` $(id) 🙂 é';

describe('hostile text, deployed and read back', () => {
  it('is unharmed in labels, owner, configurations of hooks and commands', async () => {
    await using host = await OwnHost.up('faults-text');
    using project = TestProject.create(
      host,
      `const { Commands } = require('sandform/hooks');
       const text = ${JSON.stringify(HOSTILE)};
       const stack = new SandboxStack(app, 'lab', { owner: text });
       new Sandbox(stack, 'victim', { guest: Guest.micro(), labels: { text }, hooks: [new Commands({ on: { guest_ready: ['printf', '%s', text] } })] });`,
    );
    await project.deployed('lab');
    expect(await project.planIsClean('lab')).toBe(true);
    const { sandboxes } = JSON.parse((await project.expectDone(project.sandform('ps', '--json'))).stdout);
    expect(sandboxes).toMatchObject([{ address: 'lab/victim', owner: HOSTILE, labels: { text: HOSTILE } }]);

    const { stdout } = await project.expectDone(project.sandform('run', 'lab/victim', '--json', '--', 'printf', '%s', HOSTILE));
    expect(JSON.parse(stdout).runs[0].command.stdout).toBe(HOSTILE);
    const { runs } = await listRuns(project.runs);
    expect(runs[0]?.run.verdict).toMatchObject({ outcome: 'passed' });
    expect(runs[0]?.run.sandbox.conduct).toMatchObject({ owner: HOSTILE, labels: { text: HOSTILE }, hooks: [{ config: { on: { guest_ready: ['printf', '%s', HOSTILE] } } }] });

    await project.expectDone(project.sandform('reap', '--label', `text=${HOSTILE}`));
    await project.destroyed('lab');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
