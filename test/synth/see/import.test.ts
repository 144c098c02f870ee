import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type SeeContainer, type SeeDeclaration, type SeeFiles, type SeeMachine, stackSource, translateSee } from '../../../lib/see';
import { SandboxStack } from '../../../stacks';
import { declareSee } from '../../../stacks/see';
import { type Plan, portable, qcow2, resources, workbench } from '../synthesized';

const PROJECT = resolve(__dirname, '../../..');
const EXAMPLE = join(PROJECT, 'examples/see-migration');
const bench = workbench();

/** The examples, with image, kernel and root filesystem as they would lie beside them. */
const files: SeeFiles = {
  absolute: (path) => resolve(EXAMPLE, path),
  text: (path) => readFileSync(join(EXAMPLE, path), 'utf8'),
  look: (path) => (path === 'root' ? { kind: 'folder' } : { kind: 'file', format: path.endsWith('.qcow2') ? 'qcow2' : 'raw' }),
};
const document = (where: string) => ({ where, document: JSON.parse(readFileSync(join(EXAMPLE, where), 'utf8')) as unknown });
// It does not exist yet, and is no file.
const translation = (context: string, hooks: string) =>
  translateSee({ context: document(context), hooks: document(hooks) }, { files: { ...files, look: (path) => (path === '/var/see/shared' ? { kind: 'missing' } : files.look(path)) } });

/** The same of files that are there. */
const here = (path: string) => (path.startsWith(EXAMPLE) ? join(bench.folder, relative(EXAMPLE, path)) : path);
const MACHINE = (declared: SeeDeclaration): SeeDeclaration => {
  const { image, kernel, ...rest } = declared as SeeMachine;
  return { ...rest, image: { from: 'path', path: here((image as { path: string }).path), format: 'qcow2' }, kernel: { ...kernel!, kernel: here(kernel!.kernel), initrd: here(kernel!.initrd!) } };
};
const CONTAINER = (declared: SeeDeclaration): SeeDeclaration => ({ ...(declared as SeeContainer), root: here((declared as SeeContainer).root) });

/** The domains, networks and volumes of a plan, and what the companion is told of its containers. */
const told = (plan: Plan) => [...['libvirt_domain', 'libvirt_network', 'libvirt_volume'].map((type) => resources(portable(plan), type)), containersIn(portable(plan))];
function containersIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return 'action' in value && value.action === 'make' ? [value] : Object.values(value).flatMap(containersIn);
}

describe.each<[program: string, context: string, hooks: string, stack: string, moved: (declared: SeeDeclaration) => SeeDeclaration]>([
  ['main.ts', 'context.json', 'hooks.json', 'see', MACHINE],
  ['container.ts', 'container.json', 'container-hooks.json', 'container', CONTAINER],
])('an imported configuration: %s', (program, context, hooks, name, moved) => {
  const { declaration, notes, mistakes } = translation(context, hooks);
  beforeEach(() => {
    mkdirSync(join(bench.folder, 'root/bin'), { recursive: true });
    for (const [file, content] of Object.entries({ 'image.qcow2': qcow2(), kernel: 'kernel', initrd: 'initrd', 'root/bin/sh': 'sh', 'package.json': '{"name":"example"}', 'cdktf.json': '{}' })) bench.file(file, content);
  });

  it('is the program that stands beside the example', () => {
    expect(mistakes.map((mistake) => mistake.format())).toEqual([]);
    expect(stackSource(declaration!, { stack: name, sources: [context, hooks], project: EXAMPLE, notes })).toBe(readFileSync(join(EXAMPLE, program), 'utf8'));
  });

  it('fits both generations of the provider', () => {
    for (const provider of ['0.8', '0.9'] as const) expect(() => bench.synth((app) => declareSee(new SandboxStack(app, name, { app: 'example', provider }), 'sandbox', moved(declaration!)))).not.toThrow();
  });

  it('declares the very sandbox that a run of it deploys', () => {
    cpSync(join(EXAMPLE, program), join(bench.folder, program));
    const outdir = join(bench.folder, 'imported');
    const tsconfig = bench.file('tsconfig.json', JSON.stringify({ extends: join(PROJECT, 'tsconfig.json'), compilerOptions: { rootDir: '/', paths: { sandform: [join(PROJECT, 'index.ts')], 'sandform/hooks': [join(PROJECT, 'hooks-runtime/hooks/index.ts')], cdktf: [join(PROJECT, 'node_modules/cdktf')] } } }));
    execFileSync(process.execPath, ['--import', join(PROJECT, 'node_modules/tsx/dist/loader.mjs'), program], { cwd: bench.folder, env: { ...process.env, CDKTF_OUTDIR: outdir, TSX_TSCONFIG_PATH: tsconfig }, stdio: 'pipe' });
    const imported = JSON.parse(readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8')) as Plan;

    // Hooks are the run's.
    const run = bench.synth((app) => declareSee(new SandboxStack(app, name, { app: 'example', ...(declaration!.uri === undefined ? {} : { uri: declaration!.uri }), subnets: '192.168.0.0/16' }), 'sandbox', moved(declaration!)));
    expect(told(imported)).toEqual(told(run[name]!));
    expect(containersIn(imported)).toHaveLength(declaration!.hypervisor === 'lxc' ? 1 : 0);
  });
});
