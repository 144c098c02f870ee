import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PropChange, PROP_CHANGES, ROOT_TARBALL, type UpdateKind, declarations } from '../synth/updates/prop-changes';
import { busyboxRoot } from './fixtures/busybox-root';
import { OwnHost } from './fixtures/own-host';
import { TestProject } from './fixtures/project';

const document = readFileSync(join(__dirname, '../../docs/updates.md'), 'utf8');

/** What docs/updates.md says of a prop with provider 0.8. */
const documented = ({ construct, prop }: PropChange) => new RegExp(`^\\| ${construct} \\| \`${prop}\` \\| .* \\| (.*) \\|$`, 'm').exec(document)?.[1];

function effectOf(actions: Readonly<Record<string, string>>): UpdateKind {
  const planned = Object.entries(actions);
  if (planned.some(([address, action]) => /^(libvirt_(domain|network)\.|terraform_data\.\w+_body)/.test(address) && action === 'replace')) return 'replace';
  // Of what lives, nothing of the provider's may be touched.
  expect(planned.filter(([address]) => address.startsWith('libvirt_'))).toEqual([]);
  return planned.length > 0 ? 'in place' : 'no-op';
}

let host: OwnHost;
let project: TestProject;
beforeAll(async () => {
  host = await OwnHost.up('updates');
  process.env[ROOT_TARBALL] = busyboxRoot();
  project = TestProject.create(host, '');
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

/** Changes whose stacks are the same before the change. */
const groups = Map.groupBy(PROP_CHANGES, (change) => declarations(change, change.from ?? ''));

describe.each([...groups])('what Terraform plans for a deployed stack %#', (deployed, changes) => {
  beforeAll(async () => {
    project.declare(deployed);
    await project.deployed('lab');
    expect(await project.planIsClean('lab')).toBe(true);
  });
  afterAll(() => project.destroyed('lab'));

  it.each(changes.map((change) => [`${change.construct}.${change.prop}`, change] as const))('is what is documented: %s', async (_, change) => {
    project.declare(declarations(change, change.to));
    await project.synth();
    expect(effectOf(await project.plannedActions('lab'))).toBe(documented(change));
  });
});
