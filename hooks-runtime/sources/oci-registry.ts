import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SandformError } from '../../lib/errors';
import type { PublishedBytes } from '../../lib/images';
import { type HttpAnswer, HttpClient } from './http-client';
import { refuse, startOf } from './http-source';
import type { OciPlace } from './oci-source';
import type { ClientContext } from './source-client';

const MANIFESTS = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.distribution.manifest.list.v2+json'].join(', ');

/**
 * A registry. Logs in with what `docker login` or `oras login` left in Docker's configuration, and asks for a token where the registry wants one.
 * Plain HTTP is spoken with the loopback address alone.
 * Source: https://github.com/opencontainers/distribution-spec
 */
export class OciRegistry implements OciPlace {
  #authorization: string | undefined;

  private constructor(
    private readonly host: string,
    private readonly repository: string,
    private readonly http: HttpClient,
    private readonly context: ClientContext,
  ) {}

  /** @param name `HOST[:PORT]/REPOSITORY` */
  static create(name: string, context: ClientContext): OciRegistry {
    const [, host, repository] = /^([A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/.exec(name) ?? [];
    if (host === undefined || repository === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing: context.doing, given: name, expected: 'HOST/REPOSITORY:TAG, or ./FOLDER:TAG for an OCI layout' });
    return new OciRegistry(host, repository, HttpClient.create(context), context);
  }

  async manifest(reference: string): Promise<Buffer | undefined> {
    const answer = await this.#get(`manifests/${reference}`, this.context.signal, { accept: MANIFESTS });
    if (answer.status === 404) {
      await answer.drop();
      return undefined;
    }
    refuse(answer, this.context.doing, this.host);
    return answer.bytes();
  }

  async blob(digest: string, { offset, signal }: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    const answer = await this.#get(`blobs/${digest}`, signal, offset === 0 ? {} : { range: `bytes=${offset}-` });
    if (answer.status === 404) {
      await answer.drop();
      return undefined;
    }
    refuse(answer, this.context.doing, this.host);
    return { offset: answer.status === 206 ? (startOf(answer) ?? 0) : 0, bytes: answer.body };
  }

  close(): Promise<void> {
    return this.http.close();
  }

  async #get(path: string, signal: AbortSignal, headers: Record<string, string>): Promise<HttpAnswer> {
    const scheme = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(this.host) ? 'http' : 'https';
    const send = () => this.http.send(`${scheme}://${this.host}/v2/${this.repository}/${path}`, { headers, credentials: this.#authorization === undefined ? {} : { authorization: this.#authorization }, signal });
    const answer = await send();
    const challenge = answer.headers['www-authenticate'];
    if (answer.status !== 401 || challenge === undefined) return answer;
    await answer.drop();
    this.#authorization = await this.#login(challenge, signal);
    return send();
  }

  /** Source: https://distribution.github.io/distribution/spec/auth/token/ */
  async #login(challenge: string, signal: AbortSignal): Promise<string | undefined> {
    const basic = this.#stored();
    if (!/^bearer /i.test(challenge)) return basic;
    const words = Object.fromEntries([...challenge.matchAll(/([a-z]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value]));
    const { realm, service, scope = `repository:${this.repository}:pull` } = words;
    const url = URL.parse(realm ?? '');
    if (url === null) return undefined;
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    // A registry names its own place for logins; the password goes there, but never in the clear over a network.
    const isSafe = url.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(url.host);
    const answer = await this.http.send(url.href, { credentials: basic === undefined || !isSafe ? {} : { authorization: basic }, signal });
    refuse(answer, this.context.doing, url.host);
    const { token, access_token: access = token } = (await answer.json()) as { token?: unknown; access_token?: unknown };
    return typeof access === 'string' ? `Bearer ${access}` : undefined;
  }

  #stored(): string | undefined {
    const { DOCKER_CONFIG: folder, HOME: home = homedir() } = this.context.environment;
    try {
      const { auths = {} } = JSON.parse(readFileSync(join(folder || join(home, '.docker'), 'config.json'), 'utf8')) as { auths?: Record<string, { auth?: unknown } | undefined> };
      const auth = (auths[this.host] ?? auths[`https://${this.host}`])?.auth;
      return typeof auth === 'string' && /^[A-Za-z0-9+/=]+$/.test(auth) ? `Basic ${auth}` : undefined;
    } catch {
      // No configuration, no login.
      return undefined;
    }
  }
}
