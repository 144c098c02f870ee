import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from 'cdktf';

/** A synthesized stack, or a part of one, as Terraform reads it: each test knows the shape that it looks at. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Plan = Record<string, any>;

/** What a test file synthesizes in: a cache of its own with made-up guests, and none of the machine's own settings. */
export interface Workbench {
  readonly folder: string;
  /** Writes a file and returns its path. */
  file(name: string, content: string | Buffer): string;
  /** Writes a tarball with one file in it, and returns its path. */
  tarball(name: string): string;
  /** Synthesizes an app; the stacks by their names. */
  synth(declare: (app: App) => void, options?: { readonly context?: Record<string, unknown> }): Record<string, Plan>;
}

/** Only the header of a qcow2 image, which is all that synth reads beside the digest. */
export function qcow2({ virtualSize = 2 ** 28, backing = 0, features = 0, version = 3 }: { virtualSize?: number; backing?: number; features?: number; version?: number } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write('QFI\xfb', 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeBigUInt64BE(BigInt(backing), 8);
  header.writeBigUInt64BE(BigInt(virtualSize), 24);
  header.writeBigUInt64BE(BigInt(features), 72);
  return header;
}

const SETTINGS = ['SANDFORM_CACHE', 'SANDFORM_ACCELERATOR', 'SANDFORM_PROVIDER', 'LIBVIRT_DEFAULT_URI', 'CDKTF_CONTEXT_JSON', 'CDKTF_OUTDIR'];

/**
 * Sets the workbench up before the tests of a file, and takes it down after them.
 * @param provider what SANDFORM_PROVIDER says; most tests look at plans for 0.8, which tests deploy
 */
export function workbench({ provider = '0.8' }: { readonly provider?: string } = {}): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'sandform-synth-'));
  const before = Object.fromEntries(SETTINGS.map((name) => [name, process.env[name]]));
  const restore = (settings: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
  beforeEach(() => restore({ ...Object.fromEntries(SETTINGS.map((name) => [name, undefined])), SANDFORM_CACHE: join(folder, 'cache'), SANDFORM_PROVIDER: provider }));
  afterEach(() => restore(before));
  afterAll(() => rmSync(folder, { recursive: true }));
  const bench: Workbench = {
    folder,
    file(name, content) {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    tarball(name) {
      const path = join(folder, name);
      execFileSync('tar', ['-cf', path, '--mtime=@0', '-C', dirname(bench.file('content', 'of a root filesystem')), 'content']);
      return path;
    },
    synth(declare, { context = {} } = {}) {
      const outdir = mkdtempSync(join(folder, 'out-'));
      const app = new App({ outdir, context });
      declare(app);
      app.synth();
      const stacks = readdirSync(join(outdir, 'stacks'));
      return Object.fromEntries(stacks.map((name) => [name, JSON.parse(readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8')) as Plan]));
    },
  };
  madeUpGuest(folder, 'micro', { 'qemu-guest-agent': '1' });
  madeUpGuest(folder, 'debian12', { 'cloud-init': '22' });
  madeUpGuest(folder, 'debian12-uefi', { 'cloud-init': '22' }, { kernel: false });
  return bench;
}

/** Everything but where the state lies, which depends on where tests run. */
export function portable(plan: Plan): Plan {
  const { terraform, ...rest } = plan;
  const { backend: _backend, ...settings } = terraform;
  return { terraform: settings as Plan, ...rest };
}

/** The resources of a type, by the last part of their constructs' paths. */
export function resources(plan: Plan, type: string): Record<string, Plan> {
  const found = Object.values((plan['resource'][type] ?? {}) as Record<string, Plan>);
  return Object.fromEntries(found.map((resource) => [(resource['//'].metadata.path as string).split('/').slice(1).join('/'), resource]));
}

/** The call that the companion gets under a key, e.g. `before`, `host/0`. */
export function companionCall(plan: Plan, resource: string, key: string): Plan[] {
  return resources(plan, 'terraform_data')[`companion/${resource}`]!['for_each'][key].input.call as Plan[];
}

function madeUpGuest(folder: string, name: string, packages: Record<string, string>, { kernel = true } = {}): void {
  const guests = join(folder, 'cache', 'guests');
  mkdirSync(guests, { recursive: true });
  const part = (file: string, content: Buffer) => {
    writeFileSync(join(guests, `${name}-${file}`), content);
    return { file: `${name}-${file}`, sha256: createHash('sha256').update(content).digest('hex') };
  };
  const document = {
    format: 1,
    name,
    architecture: 'x86_64',
    files: {
      root: { ...part('root.qcow2', qcow2()), format: 'qcow2', virtualSize: 2 ** 28 },
      ...(kernel ? { kernel: part('kernel', Buffer.from(`kernel of ${name}`)), initrd: part('initrd', Buffer.from(`initrd of ${name}`)) } : {}),
    },
    cmdline: 'root=/dev/vda quiet',
    user: 'root',
    channel: 'org.sandform.exec.0',
    packages,
  };
  writeFileSync(join(guests, `${name}.json`), JSON.stringify(document));
}
