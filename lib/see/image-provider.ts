import { ProvidedImage, PROVIDER_CONFIGURATIONS, type ProviderConfiguration, type ProviderName } from './context-document';
import type { ImageDeclaration } from './declaration';
import type { SeeFiles } from './files';
import { nearest } from './nearest';
import type { SeeReading } from './reading';

/** What `disk.image` stands for. Undefined where it can't be used, which is a mistake then. */
export function readImage(given: unknown, where: string, files: SeeFiles, reading: SeeReading): ImageDeclaration | undefined {
  if (typeof given === 'string' && given !== '') return fileImage(given, where, files, reading);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    reading.mistake('SEE_INVALID', where, { given: JSON.stringify(given), expected: 'a path, or an object with name, provider and provider_configuration' });
    return undefined;
  }
  const image = reading.read(ProvidedImage, given, where);
  return image === undefined ? undefined : providedImage(image, where, files, reading);
}

function providedImage(image: ProvidedImage, where: string, files: SeeFiles, reading: SeeReading): ImageDeclaration | undefined {
  const name = image.name ?? image.uri;
  if (image.name !== undefined && image.uri !== undefined) reading.mistake('SEE_INVALID', where, { given: 'name and uri', expected: 'one of them: `uri` is what SEE up to 1.2.8 called `name`' });
  if (name === undefined) reading.mistake('SEE_INVALID', `${where}.name`, { given: 'nothing', expected: 'a name of an image, or `uri` in files for SEE up to 1.2.8' });
  const provider = providerOf(image.provider);
  if (provider === undefined) {
    const near = nearest(lastPart(image.provider), Object.keys(PROVIDER_CONFIGURATIONS));
    reading.mistake('SEE_UNOFFERED', `${where}.provider`, { given: image.provider, expected: Object.keys(PROVIDER_CONFIGURATIONS).join(', '), fix: near === undefined ? 'fetch the image yourself and name its path, or use a source of your own in an imported stack' : `did you mean '${near}'?` });
    return undefined;
  }
  const configuration = reading.read(PROVIDER_CONFIGURATIONS[provider], image.provider_configuration, `${where}.provider_configuration`);
  if (configuration === undefined || name === undefined) return undefined;
  const context: ProviderContext = { name, isOld: image.uri !== undefined, where: `${where}.provider_configuration`, files, reading };
  return (PROVIDERS[provider] as (given: unknown, context: ProviderContext) => ImageDeclaration | undefined)(configuration, context);
}

interface ProviderContext {
  readonly name: string;
  /** Whether the file is of the time when providers had a `uri`. */
  readonly isOld: boolean;
  readonly where: string;
  readonly files: SeeFiles;
  readonly reading: SeeReading;
}

const PROVIDERS: { readonly [Name in ProviderName]: (given: ProviderConfiguration<Name>, context: ProviderContext) => ImageDeclaration | undefined } = {
  DummyProvider({ path }, { name, isOld, where, files, reading }) {
    if (path === undefined && !isOld && !name.startsWith('/')) {
      reading.mistake('SEE_INVALID', `${where}.path`, { given: 'nothing', expected: 'the folder of the image' });
      return undefined;
    }
    return fileImage(path === undefined ? name : joined(path, name), where, files, reading);
  },
  LibvirtPoolProvider({ storage_pool_path: folder, hypervisor }, { name, where, files, reading }) {
    if (hypervisor !== undefined) reading.note('meaningless', `${where}.hypervisor`, 'no pool is asked: the file is taken from the folder');
    return fileImage(`${folder}/${name}`, where, files, reading);
  },
  GlanceProvider({ path, target_path: target, glance_url: url, session, libvirt_pool: pool }, { name, where, reading }) {
    unused(reading, where, { path, target_path: target, libvirt_pool: pool }, 'images lie in the image store, by digest, and come into the pool from there');
    unused(reading, where, { glance_url: url }, 'the endpoint comes from the service catalog');
    reading.note('otherwise', `${where}.os_auth`, 'not carried over: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME, OS_USER_DOMAIN_ID and so on, or a cloud in clouds.yaml, so that no password stands in a plan');
    reading.note('otherwise', `${where}.session`, session?.cacert === undefined || session.cacert === false ? 'TLS is verified, where SEE did not' : 'not carried over: set OS_CACERT and OS_CERT, or cacert and cert in clouds.yaml');
    return { from: 'glance', name };
  },
  S3Provider({ path, bucket_name: bucket, auth, libvirt_pool: pool }, { name, where, reading }) {
    unused(reading, where, { path, libvirt_pool: pool }, 'images lie in the image store, by digest, and come into the pool from there');
    const text = (key: string): string | undefined => (typeof auth[key] === 'string' ? auth[key] : undefined);
    const [endpoint, region] = [text('endpoint_url'), text('region_name')];
    if ('aws_access_key_id' in auth || 'aws_secret_access_key' in auth || 'aws_session_token' in auth) reading.note('otherwise', `${where}.auth`, 'keys are not carried over: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or a profile, so that none stands in a plan');
    const others = Object.keys(auth).filter((key) => !['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'endpoint_url', 'region_name'].includes(key));
    for (const key of others) reading.note('omitted', `${where}.auth.${key}`, key === 'verify' ? 'left out: TLS is verified; AWS_CA_BUNDLE names authorities of your own' : 'left out: set it in the AWS configuration');
    return { from: 's3', bucket, key: name, ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) };
  },
};

function unused(reading: SeeReading, where: string, given: Readonly<Record<string, unknown>>, why: string): void {
  for (const [key, value] of Object.entries(given)) if (value !== undefined) reading.note('meaningless', `${where}.${key}`, why);
}

/** `see.image_providers.DummyProvider`, `see.image_providers.dummy.DummyProvider`. */
function providerOf(name: string): ProviderName | undefined {
  const last = lastPart(name);
  return name.startsWith('see.image_providers.') && Object.hasOwn(PROVIDER_CONFIGURATIONS, last) ? (last as ProviderName) : undefined;
}

function lastPart(name: string): string {
  return name.split('.').at(-1) ?? '';
}

function joined(folder: string, name: string): string {
  return name.startsWith('/') ? name : `${folder}/${name}`;
}

function fileImage(path: string, where: string, files: SeeFiles, reading: SeeReading): ImageDeclaration | undefined {
  const found = files.look(path);
  if (found.kind === 'file') return { from: 'path', path: files.absolute(path), format: found.format };
  reading.mistake('IMAGE_MISSING', where, { given: found.kind === 'folder' ? `${files.absolute(path)}, a folder` : files.absolute(path), fix: 'correct the path, which counts from the working directory as in SEE' });
  return undefined;
}
