import fs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveUri, toolEnvironment, toolchainFiles } from '../../../hooks-runtime/host';

let cache: string;
beforeEach(() => void (cache = mkdtempSync(join(tmpdir(), 'sandform-environment-'))));
afterEach(() => rmSync(cache, { recursive: true }));

function put(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '');
  return path;
}

describe('the libvirt that is meant', () => {
  it('is the one named, else that of the environment', async () => {
    const environment = { LIBVIRT_DEFAULT_URI: 'qemu+ssh://lab/system' };
    await expect(resolveUri('test:///default', environment)).resolves.toBe('test:///default');
    await expect(resolveUri(undefined, environment)).resolves.toBe('qemu+ssh://lab/system');
    await expect(resolveUri('', environment)).resolves.toBe('qemu+ssh://lab/system');
  });

  it("is the machine's, or one of our own, where nothing is named", async () => {
    await expect(resolveUri(undefined, {})).resolves.toMatch(/^qemu:\/\/\/system(\?socket=\/run\/sandform\/host\/default\/.*)?$/);
  });
});

describe('for a user who may not use the libvirt of the system', () => {
  const environment = { XDG_RUNTIME_DIR: '/nowhere/run' };
  const own = 'qemu:///session?socket=/nowhere/run/libvirt/libvirt-sock';
  beforeEach(() => {
    jest.spyOn(process, 'geteuid').mockReturnValue(4711);
    jest.spyOn(fs, 'accessSync').mockImplementation((path) => {
      if (String(path).endsWith('-sock')) throw new Error('EACCES');
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('it is their own, named by its socket', async () => {
    await expect(resolveUri(undefined, environment)).resolves.toBe(own);
    expect((await toolEnvironment({ ...environment, SANDFORM_CACHE: cache })).variables).toMatchObject({ LIBVIRT_DEFAULT_URI: own });
  });
});

describe('the environment of cdktf and Terraform', () => {
  it("names a user's own libvirt by its socket, by which alone Terraform's provider finds it", async () => {
    const { variables } = await toolEnvironment({ SANDFORM_CACHE: cache, XDG_RUNTIME_DIR: '/nowhere/run', LIBVIRT_DEFAULT_URI: 'qemu:///session' });
    expect(variables).toMatchObject({ LIBVIRT_DEFAULT_URI: 'qemu:///session?socket=/nowhere/run/libvirt/libvirt-sock' });
  });

  it('keeps what the user has set', async () => {
    const environment = { SANDFORM_CACHE: cache, CHECKPOINT_DISABLE: '0', SANDFORM_ACCELERATOR: 'kvm', LIBVIRT_DEFAULT_URI: 'test:///default', TERRAFORM_BINARY_NAME: 'mine' };
    const { variables } = await toolEnvironment(environment);
    expect(Object.keys(variables).filter((name) => name in environment)).toEqual([]);
  });

  it('has nothing of a mirror where none was made', async () => {
    const { variables } = await toolEnvironment({ SANDFORM_CACHE: cache });
    expect(variables).not.toHaveProperty('TF_CLI_CONFIG_FILE');
    expect(variables).not.toHaveProperty('CDKTF_SKIP_PROVIDER_LOCK');
    expect(variables).not.toHaveProperty('SANDFORM_PROVIDER');
  });

  it('names the mirror that the set-up made, and spares cdktf the registry', async () => {
    const configuration = put(toolchainFiles({ SANDFORM_CACHE: cache }).cliConfiguration);
    const { variables } = await toolEnvironment({ SANDFORM_CACHE: cache });
    expect(variables).toMatchObject({ TF_CLI_CONFIG_FILE: configuration, CDKTF_SKIP_PROVIDER_LOCK: 'true', SANDFORM_PROVIDER: '0.8' });
  });

  it("leaves a user's own Terraform configuration alone, but not one that isn't there", async () => {
    const configuration = put(toolchainFiles({ SANDFORM_CACHE: cache }).cliConfiguration);
    const own = put(join(cache, 'own.tfrc'));
    const withOwn = await toolEnvironment({ SANDFORM_CACHE: cache, TF_CLI_CONFIG_FILE: own });
    expect(withOwn.variables).not.toHaveProperty('TF_CLI_CONFIG_FILE');
    const withGone = await toolEnvironment({ SANDFORM_CACHE: cache, TF_CLI_CONFIG_FILE: join(cache, 'gone.tfrc') });
    expect(withGone.variables).toMatchObject({ TF_CLI_CONFIG_FILE: configuration });
  });

  it('tells a reason for each variable', async () => {
    put(toolchainFiles({ SANDFORM_CACHE: cache }).cliConfiguration);
    const { variables, notes } = await toolEnvironment({ SANDFORM_CACHE: cache });
    expect(notes.map((note) => note.split(':')[0]).sort()).toEqual(Object.keys(variables).sort());
  });
});
