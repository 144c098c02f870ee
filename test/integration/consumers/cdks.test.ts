import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, toolchainFiles } from '../../../hooks-runtime/host';
import { OwnHost } from '../fixtures/own-host';
import { PackedProject, PackedSandform } from '../fixtures/packed-project';

const CDKTF = '0.21.0';
const CDKTN = '0.24.0';
const CONSTRUCTS = '10.7.2';

/** The ways in which a project has its CDK. */
const CDKS = {
  'cdktf 0.21': { dependencies: { cdktf: CDKTF, constructs: CONSTRUCTS }, cdk: 'cdktf' },
  'cdktf that is cdktn': { dependencies: { cdktf: `npm:cdktn@${CDKTN}`, constructs: CONSTRUCTS }, cdk: 'cdktf' },
  'native cdktn': { dependencies: { cdktn: CDKTN, cdktf: `npm:cdktn@${CDKTN}`, constructs: CONSTRUCTS }, cdk: 'cdktn' },
} as const;

const tofu = findProgram('tofu') ?? (existsSync(toolchainFiles().tofu) ? toolchainFiles().tofu : undefined);
const ENGINES = [
  ['Terraform', findProgram('terraform')],
  ['OpenTofu', tofu],
] as const;

/** An app with an element of the project's own CDK beside ours. */
const APP = (cdk: string, stack: string) => `
  const { App, TerraformOutput } = require('${cdk}');
  const { Guest, Sandbox, SandboxNetwork, SandboxStack } = require('sandform');
  const app = new App();
  const stack = new SandboxStack(app, '${stack}', { app: 'consumer' });
  const one = new Sandbox(stack, 'one', { guest: Guest.micro(), networks: [new SandboxNetwork(stack, 'net')] });
  new TerraformOutput(stack, 'native', { value: one.address });
  app.synth();`;

let host: OwnHost;
let packed: PackedSandform;
let project: PackedProject;
beforeAll(async () => {
  host = await OwnHost.up('consumers');
  packed = new PackedSandform();
  project = new PackedProject(host, packed);
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  packed?.[Symbol.dispose]();
  await host?.[Symbol.asyncDispose]();
});

// One project goes from one CDK to the next, as projects do: each time, npm installs what differs.

describe('a project without any CDK', () => {
  it('has the runtime and the command line, and is told what the constructs need', async () => {
    project.install();
    expect(existsSync(join(project.folder, 'node_modules/cdktf'))).toBe(false);
    project.write('main.js', `const { listRuns } = require('sandform/runtime'); const { Hook } = require('sandform/hooks'); listRuns('.').then(({ runs }) => console.log(typeof Hook, runs.length));`);
    expect(await project.run('node', ['main.js'])).toMatchObject({ exitCode: 0, stdout: 'function 0\n' });
    expect(await project.run('sandform', ['ps', '--json'])).toMatchObject({ exitCode: 0, stdout: '{"sandboxes":[],"broken":[]}\n' });
    const missing = await project.run('node', ['-e', "require('sandform')"]);
    expect({ exitCode: missing.exitCode, errors: missing.errors }).toEqual({ exitCode: 2, errors: ['CDK_MISSING'] });
    expect(await project.run('sandform', ['run', 'micro', '--', 'true'])).toMatchObject({ exitCode: 2, errors: ['CDK_MISSING'] });
  });
});

describe('a project that mixes CDKs', () => {
  it('is told so, and what to install', async () => {
    project.install({ cdktf: CDKTF, cdktn: CDKTN, constructs: CONSTRUCTS });
    project.write('main.js', APP('cdktn', 'lab'));
    const { exitCode, errors, output } = await project.run('node', ['main.js']);
    expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: ['CDK_MIX'] });
    expect(output).toMatch(/npm install cdktf@npm:cdktn/);
    expect(output).not.toMatch(/^ +at /m);
  });
});

describe.each(Object.entries(CDKS))('a project with %s', (_, { dependencies, cdk }) => {
  beforeAll(() => project.install(dependencies), 300_000);

  it.each(ENGINES)('deploys with %s, runs, plans nothing more, and destroys', async (engine, program) => {
    if (program === undefined) throw new Error(`${engine} is not installed: the set-up of the tests builds or asks for it`);
    const stack = engine.toLowerCase();
    project.write('main.js', APP(cdk, stack));
    const done = async (file: string, args: readonly string[], cwd = '.') => {
      const { exitCode, output } = await project.run(file, args, { cwd });
      expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
      return output;
    };
    const cwd = join('cdktf.out/stacks', stack);
    await done('node', ['main.js']);
    await done(program, ['init', '-input=false', '-no-color'], cwd);
    const applied = await done(program, ['apply', '-auto-approve', '-input=false', '-no-color'], cwd);
    expect(applied).toMatch(new RegExp(`native = "${stack}/one"`));
    expect(await done('sandform', ['exec', `${stack}/one`, '--', 'echo', 'inside'])).toMatch(/inside/);
    await done(program, ['plan', '-detailed-exitcode', '-input=false', '-no-color'], cwd);
    await done(program, ['destroy', '-auto-approve', '-input=false', '-no-color'], cwd);
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});
