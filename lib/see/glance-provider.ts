import type { ProviderConfiguration } from './context-document';
import type { ImageLogin } from './image-login';
import { type ProvidedDisk, type ProviderContext, fileAt, textsOf, unused } from './provider-context';

type GlanceConfiguration = ProviderConfiguration<'GlanceProvider'>;

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** An image of OpenStack: by its id, or the active one of its name that was updated last. */
export function glanceImage(given: GlanceConfiguration, context: ProviderContext): ProvidedDisk {
  const { name, where, reading } = context;
  const { path, target_path: target, glance_url: url, libvirt_pool: pool } = given;
  unused(context, { path, target_path: target }, 'images lie in the image store, by digest; what lies there already is not looked at');
  unused(context, { libvirt_pool: pool }, 'images come into the pool from the image store');
  unused(context, { glance_url: url }, 'the endpoint comes from the service catalog');
  const isId = ID.test(name);
  if (isId) reading.note('otherwise', where.replace('provider_configuration', 'name'), 'is taken for the id of an image, which SEE 1.3 did not know');
  reading.note('otherwise', where, 'where Glance has no such image that is active, or does not answer, the last one that was fetched stands in, and the run says so');
  const login = loginOf(given, context);
  return { image: { from: 'glance', choice: isId ? { id: name } : { name, newest: 'updated' }, options: { fallback: 'stored' } }, ...(login === undefined ? {} : { login }) };
}

const TEXTS = ['auth_url', 'username', 'password', 'user_id', 'user_domain_id', 'user_domain_name', 'project_id', 'project_name', 'project_domain_id', 'project_domain_name', 'tenant_id', 'tenant_name', 'domain_id', 'domain_name', 'trust_id', 'system_scope'];

/** One login or the other: half of one beside half of another would send a password where it does not belong. */
function loginOf({ os_auth: auth, session = {} }: GlanceConfiguration, context: ProviderContext): ImageLogin | undefined {
  const { where, reading } = context;
  const place = `${where}.os_auth`;
  const texts = textsOf(auth, TEXTS, place, reading);
  for (const key of ['unscoped', 'include_catalog'] as const) {
    if (auth[key] === (key === 'unscoped')) reading.mistake('SEE_INVALID', `${place}.${key}`, { given: String(auth[key]), expected: 'a login that tells where Glance is', fix: 'take it out' });
    else unused({ ...context, where: place }, { [key]: auth[key] }, 'is so in any case');
  }
  unused({ ...context, where: place }, { reauthenticate: auth.reauthenticate }, 'a token that ran out is replaced in any case');
  const variables = { ...Object.fromEntries(Object.entries(texts).map(([key, value]) => [`OS_${key.toUpperCase()}`, value])), ...sessionVariables(session, context) };
  if (texts['auth_url'] !== undefined && texts['password'] !== undefined) {
    reading.note('otherwise', place, 'goes to the process that fetches the image and nowhere else; OS_* variables and clouds.yaml do not count beside it');
    return { variables, instead: ['OS_'] };
  }
  reading.note('attention', place, `has no ${texts['auth_url'] === undefined ? 'auth_url' : 'password'}: nothing of it and of session counts, but the OS_* variables, or the cloud that OS_CLOUD names`);
  return undefined;
}

function sessionVariables({ cacert, cert }: NonNullable<GlanceConfiguration['session']>, context: ProviderContext): Record<string, string> {
  const place = `${context.where}.session`;
  if (typeof cacert !== 'string' && cacert !== true) context.reading.note('otherwise', `${place}.cacert`, 'TLS is verified, where SEE did not');
  const [certificate, key] = (typeof cert === 'string' ? [cert] : (cert ?? [])).map((path) => fileAt(path, `${place}.cert`, 'a file in PEM', context));
  return {
    ...(typeof cacert === 'string' ? { OS_CACERT: fileAt(cacert, `${place}.cacert`, 'a file with authorities in PEM', context) } : {}),
    ...(certificate === undefined ? {} : { OS_CERT: certificate }),
    ...(key === undefined ? {} : { OS_KEY: key }),
  };
}
