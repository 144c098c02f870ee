import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildGuest } from '../../../hooks-runtime/host';
import { ImageServers, PASSWORD } from '../fixtures/image-servers';
import { OwnHost } from '../fixtures/own-host';
import { Program } from '../fixtures/program';
import { TestProject } from '../fixtures/project';

// Its guests and hosts come up one after the other, emulated and beside another suite.
jest.setTimeout(300_000);

const PACKAGE = resolve(__dirname, '../../..');
const EXAMPLE = join(PACKAGE, 'examples/see-migration');

let host: OwnHost;
let servers: ImageServers;
let project: TestProject;
/** The disk of the guest that all images hold. */
let disk: Buffer;
beforeAll(async () => {
  [host, servers] = await Promise.all([OwnHost.up('see-images'), ImageServers.start()]);
  project = TestProject.create(host, '');
  for (const file of ['domain.xml', 'make-image.sh', 'agent.sh']) cpSync(join(EXAMPLE, file), join(project.folder, file));
  execFileSync('sh', ['make-image.sh', await buildGuest('micro')], { cwd: project.folder, stdio: 'pipe' });
  disk = readFileSync(join(project.folder, 'image.qcow2'));
  project.write('hooks.json', JSON.stringify({ hooks: [{ name: 'plugins.screen.ScreenHook', configuration: { screenshot_on_event: 'ip_address' } }] }));
});
afterAll(async () => {
  project?.[Symbol.dispose]();
  await servers?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

/** A version of the disk of its own: what follows its end is of no image. */
const version = (mark: string) => Buffer.concat([disk, Buffer.alloc(65_536, mark)]);
const digestOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

interface Provided {
  name: string;
  readonly provider_configuration: Record<string, unknown>;
}

/** An example's context, at the servers of the test. */
function context(file: string, change: (image: Provided) => void): void {
  const document = JSON.parse(readFileSync(join(EXAMPLE, file), 'utf8')) as { disk: { image: Provided } };
  change(document.disk.image);
  project.write(file, JSON.stringify(document));
}

/** The command line, where the servers can be reached; guests of the test's libvirt can't. */
function see(args: readonly string[], variables: Readonly<Record<string, string>>): Program {
  return Program.start(process.execPath, [join(PACKAGE, 'bin/sandform.js'), 'see', ...args], { cwd: project.folder, env: { ...host.environment, SANDFORM_CACHE: cache(), ...variables } });
}

const cache = () => join(project.folder, 'cache');
const WHOLE = ['--hooks', 'hooks.json', '--wait', '0s', '--json'];
const basesOf = () => host.virsh('vol-list', 'sandform').split('\n').flatMap((line) => /base\.([0-9a-f]{64})/.exec(line)?.[1] ?? []);
/** Files of the project and its cache in which a text is, but for the context that has it. */
const holding = (text: string) =>
  spawnSync('grep', ['-rlF', '--exclude-dir=node_modules', '--exclude=glance.json', '--exclude=s3.json', '-e', text, '.'], { cwd: project.folder, encoding: 'utf8' }).stdout.split('\n').filter(Boolean);

interface Told {
  readonly verdict: { readonly outcome: string };
  readonly left: readonly string[];
  readonly said?: readonly string[];
}
const toldBy = async (program: Program) => JSON.parse((await project.expectDone(program)).stdout) as Told;

describe("SEE's Glance", () => {
  /** Another login, which must not be mixed with the file's. */
  const OTHERS = { OS_CLOUD: 'nobody', OS_PASSWORD: 'guessed', OS_REGION_NAME: 'Elsewhere' };
  const [older, newer] = ['1', '2'].map((mark) => () => version(mark)) as [() => Buffer, () => Buffer];
  const ids: string[] = [];
  beforeAll(async () => {
    for (const content of [older(), newer()]) ids.push(await servers.upload({ name: 'see-migration', content }));
    await servers.describe(ids[0]!, 'touched');
    const { OS_AUTH_URL: auth_url } = servers.openStackVariables;
    context('glance.json', ({ provider_configuration: configuration }) => {
      configuration['os_auth'] = { auth_url, username: 'admin', password: PASSWORD, project_name: 'admin', user_domain_id: 'default', project_domain_id: 'default' };
    });
  });

  it('gives the image that was updated last, by the login of the file, which stands nowhere else', async () => {
    const { verdict } = await toldBy(see(['run', '--context', 'glance.json', ...WHOLE, '--keep'], OTHERS));
    expect(verdict.outcome).toBe('passed');
    expect(basesOf()).toContain(digestOf(older()));
    expect(basesOf()).not.toContain(digestOf(newer()));
    // Plan, state, lock, record, index and store are there as they are for a sandbox that stays.
    expect(holding('terraform_version')).not.toEqual([]);
    expect(holding(PASSWORD)).toEqual([]);
    await project.expectDone(project.sandform('reap', '--all'));
    expect(await host.leftovers({ images: true })).toEqual([]);
  });

  it('lets what was fetched last stand in where no image is active, and says so', async () => {
    for (const id of ids) await servers.deactivate(id);
    const { verdict, left, said } = await toldBy(see(['run', '--context', 'glance.json', ...WHOLE], OTHERS));
    expect({ outcome: verdict.outcome, left }).toEqual({ outcome: 'passed', left: [] });
    expect(said).toEqual([expect.stringContaining(digestOf(older()).slice(0, 12))]);
  });

  it('is refused with a wrong password, before anything is made', async () => {
    project.write('denied.json', readFileSync(join(project.folder, 'glance.json'), 'utf8').replace(`"${PASSWORD}"`, '"guessed-secret"'));
    const end = await see(['run', '--context', 'denied.json', '--json'], servers.openStackVariables).end;
    expect(end.output).toContain('IMAGE_DENIED');
    expect(end.output).not.toContain('guessed-secret');
    expect(await host.leftovers({ images: true })).toEqual([]);
  });
});

describe("SEE's S3", () => {
  it('gives the object, by the keys of the file, which stand nowhere else', async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = servers.awsVariables;
    context('s3.json', ({ provider_configuration: configuration }) => {
      configuration['auth'] = { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, endpoint_url: servers.s3 };
    });
    const client = new S3Client({ endpoint: servers.s3, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await client.send(new CreateBucketCommand({ Bucket: 'images' }));
    await client.send(new PutObjectCommand({ Bucket: 'images', Key: 'guests/see-migration.qcow2', Body: version('3') }));
    client.destroy();
    const { verdict, left } = await toldBy(see(['run', '--context', 's3.json', ...WHOLE], { AWS_PROFILE: 'nobody', AWS_SESSION_TOKEN: 'guessed' }));
    expect({ outcome: verdict.outcome, left }).toEqual({ outcome: 'passed', left: [] });
    expect(basesOf()).toContain(digestOf(version('3')));
    expect(holding(secretAccessKey)).toEqual([]);
  });

  it('is imported as a program that fetches it by the variables that it names', async () => {
    await project.expectDone(see(['import', '--context', 's3.json', '--output', 'main.ts'], {}));
    const { AWS_SECRET_ACCESS_KEY: secret = '' } = servers.awsVariables;
    expect(readFileSync(join(project.folder, 'main.ts'), 'utf8')).toContain('AWS_SECRET_ACCESS_KEY');
    expect(holding(secret)).toEqual([]);
    execFileSync(process.execPath, ['--import', join(PACKAGE, 'node_modules/tsx/dist/loader.mjs'), 'main.ts'], { cwd: project.folder, env: { ...process.env, ...host.environment, ...servers.awsVariables, SANDFORM_CACHE: cache() }, stdio: 'pipe' });
    expect(project.configuration('see')).toContain(digestOf(version('3')));
  });
});
