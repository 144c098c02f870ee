import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { SandformError } from '../../lib/errors';
import type { ClientContext } from './source-client';

/** How to log in at OpenStack, as clouds.yaml and the OS_ variables say it. */
export interface CloudSettings {
  readonly authUrl: string;
  readonly method: 'password' | 'applicationCredential' | 'token';
  /** Values of the login by the names that clouds.yaml uses: `username`, `project_name`, ... */
  readonly auth: Readonly<Record<string, string>>;
  readonly region?: string;
  /** `public`, `internal` or `admin`. */
  readonly interface: string;
  /** Certificate authority, PEM. */
  readonly ca?: string;
  /** By which the client shows who it is, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

type Tree = Readonly<Record<string, unknown>>;

/**
 * Settings of a cloud: an entry of clouds.yaml (with secure.yaml beside it) in OS_CLIENT_CONFIG_FILE, the project's folder,
 * ~/.config/openstack or /etc/openstack; where none is named, OS_* variables.
 * Source: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 * @throws SandformError `IMAGE_DENIED`
 */
export function cloudSettings(named: string | undefined, { doing, project, environment }: ClientContext): CloudSettings {
  const name = named ?? (environment['OS_CLOUD'] || undefined);
  const entry = name === undefined ? ofVariables(environment) : inClouds(name, { doing, project, environment });
  const auth = texts(treeOf(entry['auth']));
  const { auth_url: authUrl } = auth;
  if (authUrl === undefined) {
    throw new SandformError('IMAGE_DENIED', { doing, given: name === undefined ? 'neither a cloud nor OS_AUTH_URL' : `cloud '${name}' without auth_url`, expected: 'settings of an OpenStack cloud', fix: 'name a cloud of clouds.yaml (cloud, OS_CLOUD), or set the OS_* variables' });
  }
  if (entry['verify'] === false) throw new SandformError('IMAGE_DENIED', { doing, given: `cloud '${name ?? ''}' with verify: false`, expected: 'TLS that is verified', fix: "name the cloud's certificate authority as cacert" });
  const type = textOf(entry['auth_type']) ?? '';
  const isApplication = /applicationcredential/.test(type) || auth['application_credential_secret'] !== undefined;
  const [cacert, cert, key] = ['cacert', 'cert', 'key'].map((setting) => textOf(entry[setting]));
  const pem = (what: string, file: string) => pemIn(what, resolve(project, file), doing);
  const region = textOf(entry['region_name']);
  return {
    authUrl: authUrl.replace(/\/+$/, ''),
    method: isApplication ? 'applicationCredential' : /token/.test(type) || (auth['token'] !== undefined && auth['password'] === undefined) ? 'token' : 'password',
    auth,
    ...(region === undefined ? {} : { region }),
    interface: (textOf(entry['interface']) ?? 'public').replace(/URL$/, ''),
    ...(cacert === undefined ? {} : { ca: pem('cacert', cacert) }),
    // One file may hold both.
    ...(cert === undefined ? {} : { certificate: { cert: pem('cert', cert), key: pem('key', key ?? cert) } }),
  };
}

const VARIABLE_SETTINGS = ['region_name', 'cacert', 'cert', 'key', 'interface', 'auth_type'];

function ofVariables(environment: NodeJS.ProcessEnv): Tree {
  const all = Object.entries(environment).flatMap(([key, value]) => (key.startsWith('OS_') && value ? [[key.slice(3).toLowerCase(), value] as const] : []));
  return {
    ...Object.fromEntries(all.filter(([key]) => VARIABLE_SETTINGS.includes(key))),
    auth: Object.fromEntries(all.filter(([key]) => !VARIABLE_SETTINGS.includes(key))),
  };
}

function inClouds(name: string, { doing, project, environment }: Omit<ClientContext, 'signal'>): Tree {
  const { OS_CLIENT_CONFIG_FILE: own, OS_CLIENT_SECURE_FILE: secure, HOME: home = homedir(), XDG_CONFIG_HOME: config = join(home, '.config') } = environment;
  const folders = [project, join(config, 'openstack'), '/etc/openstack'];
  const files = [...(own ? [own] : []), ...folders.flatMap((folder) => [join(folder, 'clouds.yaml'), join(folder, 'clouds.yml')])];
  const file = files.find((candidate) => existsSync(candidate));
  const entry = file === undefined ? undefined : treeOf(treeOf(yamlIn(file, doing)['clouds'])[name]);
  if (file === undefined || entry === undefined || Object.keys(entry).length === 0) {
    throw new SandformError('IMAGE_DENIED', { doing, given: file === undefined ? 'no clouds.yaml' : `no cloud '${name}' in ${file}`, expected: `cloud '${name}'`, fix: `add it to a clouds.yaml in one of: ${folders.join(', ')}` });
  }
  const secrets = [...(secure ? [secure] : []), ...folders.map((folder) => join(folder, 'secure.yaml'))].find((candidate) => existsSync(candidate));
  const secret = secrets === undefined ? {} : treeOf(treeOf(yamlIn(secrets, doing)['clouds'])[name]);
  return { ...entry, ...secret, auth: { ...treeOf(entry['auth']), ...treeOf(secret['auth']) } };
}

function yamlIn(file: string, doing: string): Tree {
  try {
    return treeOf(parse(readFileSync(file, 'utf8')));
  } catch {
    // The parser's own message would quote the line, which may hold a password.
    throw new SandformError('IMAGE_DENIED', { doing, given: `${file} cannot be read`, expected: 'YAML as OpenStack has it', fix: `correct ${file}` });
  }
}

function pemIn(what: string, file: string, doing: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SandformError('IMAGE_DENIED', { doing, given: `${what} ${file} cannot be read`, expected: 'a file in PEM', fix: `correct ${what}`, cause });
  }
}

function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function texts(tree: Tree): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [])));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
