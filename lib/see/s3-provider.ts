import type { ProviderConfiguration } from './context-document';
import type { ImageLogin } from './image-login';
import { type ProvidedDisk, type ProviderContext, fileAt, textsOf, unused } from './provider-context';

type S3Configuration = ProviderConfiguration<'S3Provider'>;

/** An object of an S3 store: its newest version. */
export function s3Image({ path, bucket_name: bucket, auth, libvirt_pool: pool }: S3Configuration, context: ProviderContext): ProvidedDisk {
  const { name: key, where, files, reading } = context;
  unused(context, { path }, 'images lie in the image store, by digest; what lies there already is not looked at');
  unused(context, { libvirt_pool: pool }, 'images come into the pool from the image store');
  const { endpoint_url: endpoint, region_name: region } = textsOf(auth, ['endpoint_url', 'region_name'], `${where}.auth`, reading);
  if (endpoint !== undefined && !/^https?:\/\/[^\s@]+$/.test(endpoint)) {
    reading.mistake('SEE_INVALID', `${where}.auth.endpoint_url`, { given: endpoint.includes('@') ? 'an address with credentials in it' : endpoint, expected: 'an http or https address without credentials' });
  }
  // SEE took the file that is named instead where the object could not be asked for; a folder was no such help.
  const isFile = files.look(path).kind === 'file';
  if (isFile) reading.note('otherwise', where, 'where the object is gone, or the store does not answer, the last one that was fetched stands in, and the run says so');
  const login = loginOf(auth, endpoint !== undefined, context);
  return {
    image: { from: 's3', choice: { bucket, key }, options: { ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }), ...(isFile ? { fallback: 'stored' as const } : {}) } },
    ...(login === undefined ? {} : { login }),
  };
}

/** All that names credentials by itself, so that none is made of two. */
const INSTEAD = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_', 'AWS_ACCOUNT_ID', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];

function loginOf(auth: S3Configuration['auth'], hasEndpoint: boolean, context: ProviderContext): ImageLogin | undefined {
  const { where, reading } = context;
  const place = `${where}.auth`;
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = textsOf(auth, ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'], place, reading);
  const { verify, use_ssl: encrypted, api_version: version, aws_account_id: account } = auth;
  unused({ ...context, where: place }, { api_version: version, aws_account_id: account }, 'is not asked for');
  if (encrypted !== undefined) reading.note(hasEndpoint || encrypted === true ? 'meaningless' : 'otherwise', `${place}.use_ssl`, hasEndpoint ? 'endpoint_url says it' : 'TLS is used in any case');
  if (verify === false) reading.note('otherwise', `${place}.verify`, 'TLS is verified all the same; name the file of your authority instead');
  else if (typeof verify !== 'string' && verify !== undefined && verify !== null && verify !== true) reading.mistake('SEE_INVALID', `${place}.verify`, { given: JSON.stringify(verify), expected: 'true, or the file of an authority' });
  // Node's own, because the client of S3 knows no other.
  const authority: Record<string, string> = typeof verify === 'string' ? { NODE_EXTRA_CA_CERTS: fileAt(verify, `${place}.verify`, 'a file with authorities in PEM', context) } : {};
  if (id !== undefined && secret !== undefined) {
    reading.note('otherwise', place, 'keys go to the process that fetches the image and nowhere else; AWS_* variables and profiles do not count beside them');
    return { variables: { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...(token === undefined ? {} : { AWS_SESSION_TOKEN: token }), ...authority }, instead: INSTEAD };
  }
  if (id !== undefined || secret !== undefined || token !== undefined) reading.mistake('SEE_INVALID', place, { given: 'a part of a key', expected: 'aws_access_key_id and aws_secret_access_key, or neither', fix: 'complete it; without both, AWS_* variables and profiles count, as in SEE' });
  return Object.keys(authority).length === 0 ? undefined : { variables: authority, instead: [] };
}
