import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type SeeFiles, type SeeMachine, stackSource, translateSee } from '../../../lib/see';
import { SandboxStack } from '../../../stacks';
import { declareSee } from '../../../stacks/see';
import { type Plan, portable, qcow2, resources, workbench } from '../synthesized';

const PROJECT = resolve(__dirname, '../../..');
const EXAMPLE = join(PROJECT, 'examples/see-migration');
const bench = workbench();

/** The example, with its image and kernel as they would lie beside it. */
const files: SeeFiles = {
  absolute: (path) => resolve(EXAMPLE, path),
  text: (path) => readFileSync(join(EXAMPLE, path), 'utf8'),
  look: (path) => ({ kind: 'file', format: path.endsWith('.qcow2') ? 'qcow2' : 'raw' }),
};
const document = (where: string) => ({ where, document: JSON.parse(readFileSync(join(EXAMPLE, where), 'utf8')) as unknown });
const { declaration: translated, notes, mistakes } = translateSee({ context: document('context.json'), hooks: document('hooks.json') }, { files });
const declaration = translated as SeeMachine;

describe('an imported configuration', () => {
  it('is the program that stands beside the example', () => {
    expect(mistakes).toEqual([]);
    expect(stackSource(declaration, { stack: 'see', sources: ['context.json', 'hooks.json'], project: EXAMPLE, notes })).toBe(readFileSync(join(EXAMPLE, 'main.ts'), 'utf8'));
  });

  it('fits both generations of the provider', () => {
    const image = { from: 'path', path: bench.file('fits.qcow2', qcow2()), format: 'qcow2' } as const;
    const { kernel: _kernel, ...rest } = declaration;
    for (const provider of ['0.8', '0.9'] as const) expect(() => bench.synth((app) => declareSee(new SandboxStack(app, 'see', { app: 'example', provider }), 'sandbox', { ...rest, image }))).not.toThrow();
  });

  it('declares the very sandbox that a run of it deploys', () => {
    for (const [name, content] of Object.entries({ 'image.qcow2': qcow2(), kernel: 'kernel', initrd: 'initrd', 'package.json': '{"name":"example"}', 'cdktf.json': '{}' })) bench.file(name, content);
    cpSync(join(EXAMPLE, 'main.ts'), join(bench.folder, 'main.ts'));
    const outdir = join(bench.folder, 'imported');
    const tsconfig = bench.file('tsconfig.json', JSON.stringify({ extends: join(PROJECT, 'tsconfig.json'), compilerOptions: { rootDir: '/', paths: { sandform: [join(PROJECT, 'index.ts')], 'sandform/hooks': [join(PROJECT, 'hooks-runtime/hooks/index.ts')], cdktf: [join(PROJECT, 'node_modules/cdktf')] } } }));
    execFileSync(process.execPath, ['--import', join(PROJECT, 'node_modules/tsx/dist/loader.mjs'), 'main.ts'], { cwd: bench.folder, env: { ...process.env, CDKTF_OUTDIR: outdir, TSX_TSCONFIG_PATH: tsconfig }, stdio: 'pipe' });
    const imported = JSON.parse(readFileSync(join(outdir, 'stacks/see/cdk.tf.json'), 'utf8')) as Plan;

    const here = (path: string) => join(bench.folder, relative(EXAMPLE, path));
    const moved = { ...declaration, image: { from: 'path', path: here((declaration.image as { path: string }).path), format: 'qcow2' }, kernel: { ...declaration.kernel!, kernel: here(declaration.kernel!.kernel), initrd: here(declaration.kernel!.initrd!) } } as const;
    const { see } = bench.synth((app) => declareSee(new SandboxStack(app, 'see', { app: 'example', subnets: '192.168.0.0/16' }), 'sandbox', moved));
    for (const type of ['libvirt_domain', 'libvirt_network', 'libvirt_volume']) expect(resources(portable(imported), type)).toEqual(resources(portable(see!), type));
  });
});
