import { ProvidedImage, PROVIDER_CONFIGURATIONS, type ProviderConfiguration, type ProviderName } from './context-document';
import type { SeeFiles } from './files';
import { glanceImage } from './glance-provider';
import { nearest } from './nearest';
import { type ProvidedDisk, type ProviderContext, unused } from './provider-context';
import type { SeeReading } from './reading';
import { s3Image } from './s3-provider';

/** What `disk.image` stands for. Undefined where it can't be used, which is a mistake then. */
export function readImage(given: unknown, where: string, files: SeeFiles, reading: SeeReading): ProvidedDisk | undefined {
  if (typeof given === 'string' && given !== '') return fileImage(given, where, files, reading);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    reading.mistake('SEE_INVALID', where, { given: Array.isArray(given) ? 'a list' : JSON.stringify(given), expected: 'a path, or an object with name, provider and provider_configuration' });
    return undefined;
  }
  const image = reading.read(ProvidedImage, given, where);
  return image === undefined ? undefined : providedImage(image, where, files, reading);
}

function providedImage(image: ProvidedImage, where: string, files: SeeFiles, reading: SeeReading): ProvidedDisk | undefined {
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
  return (PROVIDERS[provider] as (given: unknown, context: ProviderContext) => ProvidedDisk | undefined)(configuration, context);
}

const PROVIDERS: { readonly [Name in ProviderName]: (given: ProviderConfiguration<Name>, context: ProviderContext) => ProvidedDisk | undefined } = {
  DummyProvider({ path }, { name, isOld, where, files, reading }) {
    if (path === undefined && !isOld && !name.startsWith('/')) {
      reading.mistake('SEE_INVALID', `${where}.path`, { given: 'nothing', expected: 'the folder of the image' });
      return undefined;
    }
    return fileImage(path === undefined ? name : joined(path, name), where, files, reading);
  },
  LibvirtPoolProvider({ storage_pool_path: folder, hypervisor }, context) {
    unused(context, { hypervisor }, 'no pool is asked: the file is taken from the folder');
    return fileImage(`${folder}/${context.name}`, context.where, context.files, context.reading);
  },
  GlanceProvider: glanceImage,
  S3Provider: s3Image,
};

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

function fileImage(path: string, where: string, files: SeeFiles, reading: SeeReading): ProvidedDisk | undefined {
  const found = files.look(path);
  if (found.kind === 'file') return { image: { from: 'path', path: files.absolute(path), format: found.format } };
  reading.mistake('IMAGE_MISSING', where, { given: found.kind === 'folder' ? `${files.absolute(path)}, a folder` : files.absolute(path), fix: 'correct the path, which counts from the working directory as in SEE' });
  return undefined;
}
