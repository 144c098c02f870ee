import { loginEnvironment, stackSource } from '../../../lib/see';
import { CONTEXT, type Files, machine, told, translated } from './see-files';

const FILES: Files = { '/ca.pem': { kind: 'file', format: 'raw' }, '/client.pem': { kind: 'file', format: 'raw' }, '/client.key': { kind: 'file', format: 'raw' }, '/cache/file.qcow2': { kind: 'file', format: 'qcow2' } };
const provided = (image: unknown) => translated({ ...CONTEXT, disk: { image } }, { files: FILES });

describe("an image provider of SEE's", () => {
  it.each<[string, object, string, 'qcow2' | 'raw']>([
    ['the dummy one', { name: 'base.qcow2', provider: 'see.image_providers.DummyProvider', provider_configuration: { path: '/images' } }, '/images/base.qcow2', 'qcow2'],
    ['the dummy one with its module', { name: 'raw.img', provider: 'see.image_providers.dummy.DummyProvider', provider_configuration: { path: '/images' } }, '/images/raw.img', 'raw'],
    ['an absolute name, which wins', { name: '/images/base.qcow2', provider: 'see.image_providers.DummyProvider', provider_configuration: { path: '/other' } }, '/images/base.qcow2', 'qcow2'],
    ['the old uri', { uri: '/images/base.qcow2', provider: 'see.image_providers.DummyProvider', provider_configuration: {} }, '/images/base.qcow2', 'qcow2'],
    ['a pool', { name: 'base.qcow2', provider: 'see.image_providers.libvirt_pool.LibvirtPoolProvider', provider_configuration: { storage_pool_path: '/images', hypervisor: 'qemu:///system' } }, '/images/base.qcow2', 'qcow2'],
  ])('may be %s', (_, image, path, format) => {
    expect(machine(provided(image)).image).toEqual({ from: 'path', path, format });
  });

  it.each<[string, unknown, string, string?]>([
    ['one of own making', { name: 'x', provider: 'mine.Provider', provider_configuration: {} }, 'SEE_UNOFFERED context.json: disk.image.provider'],
    ['a mistyped one', { name: 'x', provider: 'see.image_providers.DumyProvider', provider_configuration: {} }, 'SEE_UNOFFERED context.json: disk.image.provider'],
    ['no name', { provider: 'see.image_providers.DummyProvider', provider_configuration: { path: '/images' } }, 'SEE_INVALID context.json: disk.image.name'],
    ['a mistyped key', { name: 'base.qcow2', provider: 'see.image_providers.DummyProvider', provider_configuration: { pth: '/images' } }, 'SEE_INVALID context.json: disk.image.provider_configuration: pth', 'SEE_INVALID context.json: disk.image.provider_configuration.path'],
    ['a missing file', { name: 'gone.qcow2', provider: 'see.image_providers.DummyProvider', provider_configuration: { path: '/images' } }, 'IMAGE_MISSING context.json: disk.image.provider_configuration'],
  ])('is refused with %s', (_, image, ...mistakes) => {
    expect(told(provided(image))).toEqual(mistakes);
  });
});

const AUTH = { auth_url: 'http://keystone/v3', username: 'see', password: 'hush', project_name: 'lab', user_domain_id: 'default' };
const glance = (configuration: object, image: object = { name: 'win7' }) => provided({ ...image, provider: 'see.image_providers.GlanceProvider', provider_configuration: { os_auth: AUTH, session: {}, path: '/cache', ...configuration } });
const KEYS = { aws_access_key_id: 'id', aws_secret_access_key: 'hush' };
const s3 = (auth: object, configuration: object = {}) => provided({ name: 'dir/win7.qcow2', provider: 'see.image_providers.S3Provider', provider_configuration: { bucket_name: 'images', path: '/cache', auth, ...configuration } });

describe("SEE's Glance", () => {
  it.each<[string, ReturnType<typeof glance>, object]>([
    ['the active image of a name that was updated last', glance({}), { name: 'win7', newest: 'updated' }],
    ['the same as of old', provided({ uri: 'win7', provider: 'see.image_providers.os_glance.GlanceProvider', provider_configuration: { target_path: '/cache', os_auth: AUTH } }), { name: 'win7', newest: 'updated' }],
    ['the image of an id', glance({}, { name: '0F5C1E0A-77c2-4b2e-8d0a-0123456789ab' }), { id: '0F5C1E0A-77c2-4b2e-8d0a-0123456789ab' }],
  ])('gives %s, and where there is none what was fetched last', (_, translation, choice) => {
    expect(machine(translation).image).toEqual({ from: 'glance', choice, options: { fallback: 'stored' } });
  });

  it('is logged in at as the file says, certificates and all', () => {
    const { login } = glance({ session: { cacert: '/ca.pem', cert: ['/client.pem', '/client.key'] }, os_auth: { ...AUTH, reauthenticate: true, unscoped: false, trust_id: null } });
    expect(login).toEqual({
      variables: { OS_AUTH_URL: AUTH.auth_url, OS_USERNAME: 'see', OS_PASSWORD: 'hush', OS_PROJECT_NAME: 'lab', OS_USER_DOMAIN_ID: 'default', OS_CACERT: '/ca.pem', OS_CERT: '/client.pem', OS_KEY: '/client.key' },
      instead: ['OS_'],
    });
    expect(glance({ session: { cert: '/client.pem' } }).login?.variables).toMatchObject({ OS_CERT: '/client.pem' });
  });

  it('is logged in at as the environment says where the file has no password, and of no two logins is one made', () => {
    const own = { OS_CLOUD: 'mine', OS_PASSWORD: 'mine', PATH: '/bin' };
    const translation = glance({ os_auth: { auth_url: AUTH.auth_url } });
    expect([told(translation), translation.login]).toEqual([[], undefined]);
    expect(translation.notes).toContainEqual(expect.objectContaining({ kind: 'attention', where: expect.stringMatching(/os_auth$/) }));
    expect(loginEnvironment(own, glance({}).login!)).toEqual({ PATH: '/bin', ...glance({}).login!.variables });
  });

  it.each<[string, object, string]>([
    ['a mistyped keyword', { os_auth: { ...AUTH, pasword: 'hush' } }, 'os_auth.pasword'],
    ['a keyword of another client', { os_auth: { ...AUTH, region_name: 'x' } }, 'os_auth.region_name'],
    ['a password that is no text', { os_auth: { ...AUTH, password: ['hush'] } }, 'os_auth.password'],
    ['a login that is none', { os_auth: 'hush' }, 'os_auth'],
    ['a login in a list', { os_auth: ['hush'] }, 'os_auth'],
    ['a login without a catalog', { os_auth: { ...AUTH, unscoped: true } }, 'os_auth.unscoped'],
    ['a missing authority', { session: { cacert: '/gone.pem' } }, 'session.cacert'],
    ['a missing certificate', { session: { cert: '/gone.pem' } }, 'session.cert'],
    ['three certificates', { session: { cert: ['/ca.pem', '/ca.pem', '/ca.pem'] } }, 'session.cert'],
    ['a pool without a name', { libvirt_pool: {} }, 'libvirt_pool.name'],
  ])('is refused with %s, which is not shown', (_, configuration, place) => {
    const translation = glance(configuration);
    expect(told(translation).map((line) => line.replace(': ', ' ').replace(/.*provider_configuration(: |\.)/, ''))).toContain(place);
    expect(JSON.stringify(translation.mistakes)).not.toContain('hush');
  });

  it('has each other key told', () => {
    const { notes } = glance({ target_path: '/x', glance_url: 'http://x', libvirt_pool: { name: 'x' }, session: { cacert: false } });
    expect(notes.map(({ where }) => where.split('provider_configuration.')[1]).filter(Boolean)).toEqual(['path', 'target_path', 'libvirt_pool', 'glance_url', 'session.cacert', 'os_auth']);
  });
});

describe("SEE's S3", () => {
  it.each<[string, ReturnType<typeof s3>, object, object | undefined]>([
    ['keys and an endpoint', s3({ ...KEYS, aws_session_token: 'token', endpoint_url: 'http://s3:9000', region_name: 'x' }), { endpoint: 'http://s3:9000', region: 'x' }, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush', AWS_SESSION_TOKEN: 'token' }],
    ['nothing, which leaves it to the environment', s3({}), {}, undefined],
    ['an authority alone', s3({ verify: '/ca.pem' }), {}, { NODE_EXTRA_CA_CERTS: '/ca.pem' }],
    ['a file for a path, instead of which the last one stands in', s3(KEYS, { path: '/cache/file.qcow2' }), { fallback: 'stored' }, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush' }],
  ])('may have %s', (_, translation, options, variables) => {
    expect(machine(translation).image).toEqual({ from: 's3', choice: { bucket: 'images', key: 'dir/win7.qcow2' }, options });
    expect(translation.login?.variables).toEqual(variables);
  });

  it("takes the file's keys alone, whatever profile the environment names", () => {
    const own = { AWS_PROFILE: 'mine', AWS_SESSION_TOKEN: 'mine', AWS_REGION: 'eu-1' };
    expect(loginEnvironment(own, s3(KEYS).login!)).toEqual({ AWS_REGION: 'eu-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'hush' });
    expect(loginEnvironment(own, s3({ verify: '/ca.pem' }).login!)).toMatchObject(own);
  });

  it.each<[string, object, string]>([
    ['half a key', { aws_access_key_id: 'hush' }, 'SEE_INVALID context.json: disk.image.provider_configuration.auth'],
    ['a key that is no text', { ...KEYS, aws_session_token: 7 }, 'SEE_INVALID context.json: disk.image.provider_configuration.auth.aws_session_token'],
    ['a mistyped keyword', { ...KEYS, endpoint: 'http://s3' }, 'SEE_INVALID context.json: disk.image.provider_configuration: auth.endpoint'],
    ['an address with a password in it', { ...KEYS, endpoint_url: 'http://id:hush@s3' }, 'SEE_INVALID context.json: disk.image.provider_configuration.auth.endpoint_url'],
    ['a missing authority', { ...KEYS, verify: '/gone.pem' }, 'SEE_INVALID context.json: disk.image.provider_configuration.auth.verify'],
  ])('is refused with %s, which is not shown', (_, auth, mistake) => {
    const translation = s3(auth);
    expect(told(translation)).toEqual([mistake]);
    expect(JSON.stringify(translation.mistakes)).not.toContain('hush');
  });

  it('has each other key told', () => {
    const { notes } = s3({ ...KEYS, verify: false, use_ssl: false, api_version: '2006-03-01' }, { libvirt_pool: { name: 'x' } });
    expect(notes.map(({ where }) => where.split('provider_configuration.')[1]).filter(Boolean)).toEqual(['path', 'libvirt_pool', 'auth.api_version', 'auth.use_ssl', 'auth.verify', 'auth']);
  });
});

it.each([glance({}), s3(KEYS)])('a login is nowhere but where it is used: not in declaration, notes or program, which names the variables', ({ declaration, login, notes }) => {
  const program = stackSource(declaration!, { stack: 'see', sources: ['context.json'], project: '/here', notes, login: login! });
  expect(JSON.stringify([declaration, notes]) + program).not.toContain('hush');
  for (const name of Object.keys(login!.variables)) expect(program).toContain(name);
});
