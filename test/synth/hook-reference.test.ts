import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AddHookOptions, Guest, type HookDeclaration, Sandbox, SandboxStack } from '../../index';
import { Screenshots } from '../../hooks-runtime/hooks';
import { workbench } from './synthesized';

const bench = workbench();
const base: HookDeclaration = { source: __filename, export: 'FileSpy', config: {}, configSchema: { type: 'object' }, needs: [] };

function referenceOf(hook: HookDeclaration, options?: AddHookOptions) {
  let sandbox: Sandbox | undefined;
  bench.synth((app) => {
    sandbox = new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.micro() }).addHook(hook, options);
  });
  return sandbox!.spec.conduct.hooks[0]!;
}

describe('a hook is named for the runtime', () => {
  it('by a file of the project, with its digest', () => {
    const digest = createHash('sha256').update(readFileSync(__filename)).digest('hex');
    expect(referenceOf(base)).toEqual({ name: 'file-spy', from: { file: 'test/synth/hook-reference.test.ts', digest, export: 'FileSpy' }, config: {} });
  });

  it.each([
    ['spies', 'spies'],
    ['@acme/spies', '@acme/spies'],
    ['outer/node_modules/inner', 'inner'],
  ])('by the package of %s', (folder, name) => {
    const source = join(bench.folder, 'node_modules', folder, 'dist', 'spy.js');
    mkdirSync(join(source, '..'), { recursive: true });
    writeFileSync(source, '');
    expect(referenceOf({ ...base, source }).from).toEqual({ package: name, export: 'FileSpy' });
  });

  it('by Sandform’s own entry point where it is one of Sandform’s', () => {
    expect(referenceOf(new Screenshots()).from).toEqual({ package: 'sandform/hooks', export: 'Screenshots' });
  });

  it('with its own name and deadline, unless it is added with others', () => {
    const hook = { ...base, name: 'own', deadline: '5s' } as HookDeclaration;
    expect(referenceOf(hook)).toMatchObject({ name: 'own', deadline: 5000 });
    expect(referenceOf(hook, { name: 'other', deadline: '1m' })).toMatchObject({ name: 'other', deadline: 60_000 });
  });

  it('with its configuration as it was written, in the form of Unicode that Terraform keeps', () => {
    const configSchema = { type: 'object', properties: { every: { type: 'string', default: '5s' } } };
    expect(referenceOf({ ...base, config: { text: 'e\u0301', list: [1, null, true], left: undefined }, configSchema }).config).toEqual({ text: '\u00e9', list: [1, null, true] });
  });
});
