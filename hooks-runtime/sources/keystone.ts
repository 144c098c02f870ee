import { SandformError } from '../../lib/errors';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import type { CloudSettings } from './cloud-settings';
import type { HttpClient } from './http-client';
import { refuse } from './http-source';

/** What is used of a token's document. Others of its keys don't matter. */
const TokenDocument = Type.Object({
  token: Type.Object({
    catalog: Type.Optional(
      Type.Array(Type.Object({ type: Type.String(), endpoints: Type.Array(Type.Object({ interface: Type.String(), region_id: Type.Optional(Type.Union([Type.String(), Type.Null()])), url: Type.String() })) })),
    ),
  }),
});

/** A login at OpenStack, and where the image service is. */
export interface CloudLogin {
  readonly token: string;
  /** Without a slash at its end and without `/v2`. */
  readonly imageService: string;
}

/**
 * Logs in at Keystone v3.
 * Source: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
 * @throws SandformError `IMAGE_DENIED`, `IMAGE_NOT_FOUND` where the catalog has no image service, `IMAGE_UNREACHABLE`
 */
export async function logIn(http: HttpClient, settings: CloudSettings, region: string | undefined, { doing, signal }: { readonly doing: string; readonly signal: AbortSignal }): Promise<CloudLogin> {
  const base = /\/v3$/.test(settings.authUrl) ? settings.authUrl : `${settings.authUrl.replace(/\/v2\.0$/, '')}/v3`;
  const answer = await http.send(`${base}/auth/tokens`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ auth: requestOf(settings, doing) }), signal });
  // A token that it can't read is not found, as Keystone puts it.
  if (answer.status === 401 || (answer.status === 404 && settings.method === 'token')) {
    await answer.drop();
    throw new SandformError('IMAGE_DENIED', { doing, given: `Keystone refuses the ${settings.method === 'password' ? 'password' : settings.method === 'token' ? 'token' : 'application credential'}` });
  }
  refuse(answer, doing, 'Keystone');
  const document = await answer.json();
  const { 'x-subject-token': token } = answer.headers;
  if (token === undefined || mistakesOf(TokenDocument, document).length > 0) throw new SandformError('IMAGE_UNREACHABLE', { doing, given: 'an answer of Keystone that makes no sense' });
  return { token, imageService: imageServiceIn(document as Static<typeof TokenDocument>, settings, region ?? settings.region, doing) };
}

function requestOf({ method, auth }: CloudSettings, doing: string): object {
  const { application_credential_id: id, application_credential_name: name, application_credential_secret: secret, token, password } = auth;
  if (method === 'applicationCredential') return { identity: { methods: ['application_credential'], application_credential: { ...(id === undefined ? { name, user: userOf(auth) } : { id }), secret } } };
  if (method === 'token') return { identity: { methods: ['token'], token: { id: token } }, ...scopeOf(auth) };
  if (password === undefined) throw new SandformError('IMAGE_DENIED', { doing, given: 'no password', expected: 'a password, an application credential or a token', fix: 'set OS_PASSWORD, or write it into secure.yaml' });
  return { identity: { methods: ['password'], password: { user: { ...userOf(auth), password } } }, ...scopeOf(auth) };
}

type Auth = CloudSettings['auth'];

function userOf(auth: Auth): object {
  return auth['user_id'] === undefined ? { name: auth['username'], domain: domainOf(auth, 'user') } : { id: auth['user_id'] };
}

function scopeOf(auth: Auth): object {
  const { project_id: id = auth['tenant_id'], project_name: name = auth['tenant_name'], trust_id: trust, system_scope: system, domain_id: domain, domain_name: domainName } = auth;
  if (trust !== undefined) return { scope: { 'OS-TRUST:trust': { id: trust } } };
  if (id !== undefined) return { scope: { project: { id } } };
  if (name !== undefined) return { scope: { project: { name, domain: domainOf(auth, 'project') } } };
  if (system !== undefined) return { scope: { system: { [system]: true } } };
  if (domain !== undefined) return { scope: { domain: { id: domain } } };
  return domainName === undefined ? {} : { scope: { domain: { name: domainName } } };
}

function domainOf(auth: Auth, what: 'user' | 'project'): object {
  const [id, name] = [auth[`${what}_domain_id`] ?? auth['default_domain_id'] ?? auth['domain_id'], auth[`${what}_domain_name`] ?? auth['domain_name']];
  return name !== undefined && id === undefined ? { name } : { id: id ?? 'default' };
}

function imageServiceIn({ token: { catalog = [] } }: Static<typeof TokenDocument>, settings: CloudSettings, region: string | undefined, doing: string): string {
  const endpoints = catalog.filter(({ type }) => type === 'image').flatMap((service) => service.endpoints);
  const found = endpoints.find((endpoint) => endpoint.interface === settings.interface && (region === undefined || endpoint.region_id === region));
  if (found !== undefined) return found.url.replace(/\/+$/, '').replace(/\/v2$/, '');
  throw new SandformError('IMAGE_NOT_FOUND', { doing, given: `a catalog without an image service${region === undefined ? '' : ` in region ${region}`}`, expected: `its ${settings.interface} endpoint`, fix: 'correct region and interface, or scope the login to a project' });
}
