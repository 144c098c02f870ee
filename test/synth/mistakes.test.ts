import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Construct } from 'constructs';
import { TerraformStack, type App } from 'cdktf';
import { Guest, type HookDeclaration, Image, type ISandboxNetwork, Labels, Sandbox, SandboxNetwork, type SandboxProps, SandboxStack, SandformError } from '../../index';
import { qcow2, workbench } from './synthesized';

const bench = workbench();

/** What synth refuses, as code and the place that it tells. */
function refusals(declare: (app: App) => void): string[] {
  try {
    bench.synth(declare);
    return [];
  } catch (error) {
    if (!SandformError.is(error)) throw error;
    expect(error.code).toBe('APP_INVALID');
    for (const each of error.errors) expect([each.expected, each.fix].every((text) => text.length > 0)).toBe(true);
    return error.errors.map(({ code, doing }) => `${code} ${doing}`);
  }
}

const ofSandbox = (props: Partial<SandboxProps>) => refusals((app) => new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.micro(), ...props }));
const hook = (facts: Partial<HookDeclaration> = {}): HookDeclaration => ({ source: __filename, export: 'Spy', config: {}, configSchema: { type: 'object' }, needs: [], ...facts });

describe('all mistakes of an app', () => {
  it('are reported together, wherever they are, each once', () => {
    const found = refusals((app) => {
      Labels.of(app).add('no good', 'x');
      const one = new SandboxStack(app, 'one', { ttl: 'soon' as never, subnets: '10.0.0.1/8' });
      new SandboxNetwork(one, 'net', { subnet: '10.1.1.1/24' });
      new Sandbox(one, 'a', { guest: Guest.micro(), memory: '1 elephant' as never, vcpus: 0, ttl: 'never' as never, disks: [{ name: 'x' }], hooks: [hook({ source: '' }), hook({ export: 'Other', config: { a: undefined, f: () => 1 } })] });
      const two = new SandboxStack(app, 'two');
      new Sandbox(two, 'b', { guest: Guest.fromImage(Image.fromPath('missing.qcow2')) });
    });
    expect(found.sort()).toEqual([
      'DURATION_INVALID one/a: ttl',
      'DURATION_INVALID one: ttl',
      "HOOK_CONFIG_INVALID one/a: hook 'other'",
      "HOOK_NOT_SERIALIZABLE one/a: hook 'spy'",
      'IMAGE_MISSING two/b: guest: reading image missing.qcow2',
      'LABEL_INVALID : labels',
      "PROP_INVALID one/a: disk 'x'",
      'PROP_INVALID one/a: vcpus',
      'SIZE_INVALID one/a: memory',
      'SUBNET_INVALID one/net: subnet',
      'SUBNET_INVALID one: subnets',
    ]);
  });

  it('include those of other libraries’ validations', () => {
    expect(
      refusals((app) => {
        const stack = new SandboxStack(app, 'lab');
        new Construct(stack, 'theirs').node.addValidation({ validate: () => ['must not be'] });
      }),
    ).toEqual(['PROP_INVALID lab/theirs: must not be']);
  });

  it('end the process that synthesizes with their own text and no stack trace', () => {
    const script = `
      const { App } = require('cdktf');
      const { SandboxStack } = require(${JSON.stringify(join(__dirname, '../../dist'))});
      new SandboxStack(Object.assign(new App({ outdir: ${JSON.stringify(join(bench.folder, 'child'))} })), 'lab', { subnets: 'x' }).node.root.synth();`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: join(__dirname, '../..') });
    expect(stderr).toMatch(/^APP_INVALID {2}checking the declarations: 1 mistake\n {2}SUBNET_INVALID {2}lab: subnets\n/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});

describe('a sandbox is refused', () => {
  it.each<[string, Partial<SandboxProps>, string]>([
    ['memory that is no size', { memory: 'lots' as never }, 'SIZE_INVALID lab/victim: memory'],
    ['memory of half a mebibyte', { memory: '1.5KiB' }, 'PROP_INVALID lab/victim: memory'],
    ['no CPU', { vcpus: 0 }, 'PROP_INVALID lab/victim: vcpus'],
    ['half a CPU', { vcpus: 1.5 }, 'PROP_INVALID lab/victim: vcpus'],
    ['a root disk smaller than its image', { rootSize: '1MiB' }, 'PROP_INVALID lab/victim: rootSize'],
    ['a blank disk without a size', { disks: [{ name: 'x' }] }, "PROP_INVALID lab/victim: disk 'x'"],
    ['a second root disk', { disks: [{ name: 'root', size: '1GiB' }] }, 'PROP_INVALID lab/victim: disk 1'],
    ['two disks of one name', { disks: [{ name: 'x', size: '1GiB' }, { name: 'x', size: '1GiB' }] }, 'PROP_INVALID lab/victim: disk 2'],
    ['a disk that no file can be named after', { disks: [{ name: '../x', size: '1GiB' }] }, 'NAME_INVALID lab/victim: disk 1'],
    ['a disk on an unknown bus', { disks: [{ name: 'x', size: '1GiB', bus: 'ide' as never }] }, 'PROP_INVALID lab/victim: disks.1.bus'],
    ['cloud-init documents for a guest without cloud-init', { cloudInit: {} }, 'PROP_INVALID lab/victim: cloudInit'],
    ['more cloud-init documents than reach the host', { guest: Guest.debian12(), cloudInit: { userData: '&'.repeat(21_000) } }, 'PROP_INVALID lab/victim: cloudInit'],
    ['an unknown accelerator', { accelerator: 'warp' as never }, 'PROP_INVALID lab/victim: accelerator'],
    ['an unknown power policy', { power: 'off' as never }, 'PROP_INVALID lab/victim: power'],
    ['an endless TTL', { ttl: 'forever' as never }, 'DURATION_INVALID lab/victim: ttl'],
    ['no TTL at all', { ttl: '0s' }, 'PROP_INVALID lab/victim: ttl'],
    ['an owner of no letters', { owner: '' }, 'PROP_INVALID lab/victim: owner'],
    ['an owner that is no Unicode', { owner: '\ud800' }, 'PROP_INVALID lab/victim: owner'],
    ['a label of a strange key', { labels: { 'a b': 'x' } }, 'LABEL_INVALID lab/victim: labels'],
    ['a label that is too long', { labels: { a: 'x'.repeat(257) } }, 'LABEL_INVALID lab/victim: labels'],
    ['a label that is no text', { labels: { a: 1 as never } }, 'LABEL_INVALID lab/victim: labels'],
    ['XML overrides of its identity', { xmlOverrides: [{ path: 'metadata/x', value: 'y' }] }, 'PROP_INVALID lab/victim: xmlOverrides'],
    ['XML overrides that are no path', { xmlOverrides: [{ path: '//', value: 'y' }] }, 'PROP_INVALID lab/victim: xmlOverrides.0.path'],
    ['a machine that is no word', { machine: 'a b' }, 'PROP_INVALID lab/victim: machine'],
  ])('with %s', (_, props, refusal) => {
    expect(ofSandbox(props)).toEqual([refusal]);
  });

  it.each(['a b', 'ä', '-x', 'x'.repeat(64)])('by the name %j', (id) => {
    expect(refusals((app) => new Sandbox(new SandboxStack(app, 'lab'), id, { guest: Guest.micro() }))).toEqual([`NAME_INVALID lab/${id}: id`]);
  });

  it('where another has its name on the host', () => {
    const found = refusals((app) => {
      new Sandbox(new SandboxStack(app, 'a'), 'b-c', { guest: Guest.micro() });
      new Sandbox(new SandboxStack(app, 'a-b'), 'c', { guest: Guest.micro() });
    });
    expect(found).toEqual(['PROP_INVALID a-b/c: id']);
  });

  it('outside a SandboxStack, at once', () => {
    expect(() => bench.synth((app) => new Sandbox(new TerraformStack(app, 'plain'), 'victim', { guest: Guest.micro() }))).toThrow(expect.objectContaining({ code: 'PROP_INVALID' }));
  });

  it('where its guest was not built, with the command that builds it', () => {
    process.env['SANDFORM_CACHE'] = join(bench.folder, 'empty');
    expect(() => bench.synth((app) => new Sandbox(new SandboxStack(app, 'lab'), 'victim', { guest: Guest.micro() }))).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ code: 'IMAGE_MISSING', fix: 'npx sandform guest build micro' })] }));
  });
});

describe('an image is refused', () => {
  const ofImage = (image: Image) => ofSandbox({ guest: Guest.fromImage(image) }).map((refusal) => refusal.split(' ')[0]);

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('not a disk'), 'IMAGE_NOT_A_DISK'],
    ['nothing', Buffer.alloc(0), 'IMAGE_NOT_A_DISK'],
    ['a qcow2 image over another file', qcow2({ backing: 0x200 }), 'IMAGE_BACKED'],
    ['a qcow2 image with its data elsewhere', qcow2({ features: 4 }), 'IMAGE_BACKED'],
    ['a qcow2 image of an unknown version', qcow2({ version: 9 }), 'IMAGE_NOT_A_DISK'],
    ['a qcow2 image cut short', qcow2().subarray(0, 40), 'IMAGE_NOT_A_DISK'],
    ['a qcow2 image of no size', qcow2({ virtualSize: 0 }), 'IMAGE_NOT_A_DISK'],
  ])('that holds %s', (name, content, code) => {
    expect(ofImage(Image.fromPath(bench.file(`${name}.img`, content)))).toEqual([code]);
  });

  it('that is a folder', () => {
    expect(ofImage(Image.fromPath(bench.folder))).toEqual(['IMAGE_NOT_A_DISK']);
  });

  it('that is said to be raw and is not', () => {
    expect(ofImage(Image.fromPath(bench.file('raw.img', qcow2()), { format: 'raw' }))).toEqual(['IMAGE_NOT_A_DISK']);
  });

  it('whose kernel is missing', () => {
    const image = Image.fromPath(bench.file('good.img', qcow2()));
    expect(ofSandbox({ guest: Guest.fromImage(image, { kernel: 'missing' }) })).toEqual(['IMAGE_MISSING lab/victim: guest: reading image missing']);
  });
});

describe('a network is refused', () => {
  const ofNetworks = (...subnets: string[]) =>
    refusals((app) => {
      const stack = new SandboxStack(app, 'lab');
      subnets.forEach((subnet, index) => new SandboxNetwork(stack, `net${index}`, { subnet }));
    });

  it.each(['', 'x', '10.1.1.1/24', '10.0.0.0/30', '10.0.0.0/7', '300.0.0.0/24', 'fd00::/64'])('with the subnet %j', (subnet) => {
    expect(ofNetworks(subnet)).toEqual(['SUBNET_INVALID lab/net0: subnet']);
  });

  it('with addresses that another has', () => {
    expect(ofNetworks('10.1.0.0/24', '10.2.0.0/24', '10.1.0.0/16')).toEqual(['PROP_INVALID lab/net2: subnet']);
  });

  it('that exists, by a name that no network has', () => {
    expect(refusals((app) => void SandboxNetwork.fromName(new SandboxStack(app, 'lab'), 'net', 'a b') as unknown as ISandboxNetwork)).toEqual(['NAME_INVALID lab/net: name']);
  });
});

describe('a hook is refused', () => {
  const ofHooks = (...hooks: HookDeclaration[]) => ofSandbox({ hooks });

  it.each<[string, Partial<HookDeclaration>, string]>([
    ['without a file', { source: '' }, "HOOK_NOT_SERIALIZABLE lab/victim: hook 'spy'"],
    ['from a file that lies outside the project', { source: '/etc/passwd' }, "HOOK_NOT_SERIALIZABLE lab/victim: hook 'spy'"],
    ['from a file that is gone', { source: join(__dirname, 'gone.ts') }, "HOOK_NOT_SERIALIZABLE lab/victim: hook 'spy'"],
    ['that nothing exports', { export: 'no name', name: 'spy' }, "HOOK_NOT_SERIALIZABLE lab/victim: hook 'spy'"],
    ['with a function in its configuration', { config: { on: () => 1 } }, "HOOK_CONFIG_INVALID lab/victim: hook 'spy'"],
    ['with a configuration that its schema refuses', { config: { every: 5 }, configSchema: { type: 'object', properties: { every: { type: 'string' } } } }, "HOOK_CONFIG_INVALID lab/victim: hook 'spy'"],
    ['with a schema that is none', { configSchema: { type: 'nonsense' } }, "HOOK_CONFIG_INVALID lab/victim: hook 'spy'"],
    ['that needs a NIC', { needs: ['network'] }, 'PROP_INVALID lab/victim: hooks'],
    ['with a name that no record takes', { name: 'a b' }, 'NAME_INVALID lab/victim: hooks'],
  ])('%s', (_, facts, refusal) => {
    expect(ofHooks(hook(facts))).toEqual([refusal]);
  });

  it('that takes pictures where there is no display', () => {
    expect(ofSandbox({ display: false, hooks: [hook({ needs: ['screen'] })] })).toEqual(['PROP_INVALID lab/victim: hooks']);
  });

  it('of a name that another has', () => {
    expect(ofHooks(hook(), hook())).toEqual(['PROP_INVALID lab/victim: hooks']);
  });

  it('with more configuration than can be handed over', () => {
    expect(ofHooks(hook({ config: { text: 'x'.repeat(50_000) } }))).toEqual(['PROP_INVALID lab/victim: hooks']);
  });
});
