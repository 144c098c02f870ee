import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { SandformError, messageOf } from '../../lib/errors';
import type { ClientContext } from './source-client';

/** One answer of a server, after redirects. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readable;
  /** The body as JSON, of bounded size. */
  readonly json: () => Promise<unknown>;
  /** All of a body, as long as a JSON one may be. */
  readonly bytes: () => Promise<Buffer>;
  /** Lets a short body go, so that the connection can be used again. */
  readonly drop: () => Promise<void>;
  /** Ends the connection, whatever was still to come. */
  readonly stop: () => void;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers for the address's own origin: a redirect to another one never carries them. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Of TLS, what is not as everywhere. */
export interface TlsSettings {
  readonly ca?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

const MOST_REDIRECTS = 5;
/** A connection that is silent for so long counts as cut. */
const SILENCE_MS = 30_000;
const MOST_JSON = 16 * 2 ** 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * HTTP with bounds: redirects are few and stay with http and https, never from https to http; TLS is always verified; the proxy variables hold
 * (`http_proxy`, `https_proxy`, `no_proxy`). What fails below HTTP is `IMAGE_UNREACHABLE`; a status is the caller's to judge.
 */
export class HttpClient {
  private constructor(
    private readonly doing: string,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @param tls `ca`: certificate authority beside those of the system, PEM; `certificate`: by which the client shows who it is. @default none */
  static create({ doing, environment }: Pick<ClientContext, 'doing' | 'environment'>, { ca, certificate }: TlsSettings = {}): HttpClient {
    const tls = { ...certificate, ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) };
    const options = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS, connect: { timeout: SILENCE_MS, ...tls }, requestTls: tls };
    const { http_proxy: http = environment['HTTP_PROXY'], https_proxy: https = environment['HTTPS_PROXY'], no_proxy: except = environment['NO_PROXY'] } = environment;
    if (!http && !https) return new HttpClient(doing, new Agent(options));
    return new HttpClient(doing, new EnvHttpProxyAgent({ ...options, ...(http ? { httpProxy: http } : {}), ...(https ? { httpsProxy: https } : {}), noProxy: except ?? '' }));
  }

  /** @throws SandformError `IMAGE_UNREACHABLE` */
  async send(address: string, { method = 'GET', headers = {}, credentials = {}, body, signal }: HttpRequest): Promise<HttpAnswer> {
    const first = this.#url(address);
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const secret = url.origin === first.origin ? credentials : {};
      const answer = await this.#once(url, { method, headers: { 'accept-encoding': 'identity', 'user-agent': 'sandform', ...headers, ...secret }, ...(body === undefined ? {} : { body }), signal });
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
      await answer.drop();
      if (redirects === MOST_REDIRECTS) throw this.#unreachable(`${first.origin}: more than ${MOST_REDIRECTS} redirects`);
      const next = this.#url(location, url);
      if (url.protocol === 'https:' && next.protocol === 'http:') throw this.#unreachable(`${first.origin}: a redirect from https to http`);
      url = next;
    }
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  #url(address: string, base?: URL): URL {
    const url = URL.parse(address, base?.href);
    if (url === null) throw this.#unreachable('an address that is none');
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw this.#unreachable(`a redirect to ${url.protocol}`);
    if (url.username !== '' || url.password !== '') throw this.#unreachable(`${url.host}: an address with credentials in it`);
    return url;
  }

  async #once(url: URL, options: { method: 'GET' | 'HEAD' | 'POST'; headers: Record<string, string>; body?: string; signal: AbortSignal }): Promise<HttpAnswer> {
    try {
      const { statusCode, headers, body } = await request(url, { ...options, dispatcher: this.dispatcher });
      return {
        status: statusCode,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value[0] : value])),
        body,
        json: () => this.#json(url, body),
        bytes: () => this.#bytes(url, body),
        drop: () => body.dump({ limit: 64 * 1024 }).catch(() => undefined),
        stop: () => void body.on('error', () => undefined).destroy(),
      };
    } catch (error) {
      if (options.signal.aborted) throw error;
      throw this.#unreachable(`${url.host}: ${reasonOf(error)}`, error);
    }
  }

  async #bytes(url: URL, body: Readable): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > MOST_JSON) throw this.#unreachable(`${url.host}: an answer of more than ${MOST_JSON} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  async #json(url: URL, body: Readable): Promise<unknown> {
    const bytes = await this.#bytes(url, body);
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (cause) {
      throw this.#unreachable(`${url.host}: an answer that is no JSON`, cause);
    }
  }

  #unreachable(given: string, cause?: unknown): SandformError {
    return new SandformError('IMAGE_UNREACHABLE', { doing: this.doing, given, ...(cause === undefined ? {} : { cause }) });
  }
}

/** Whether a status says that the next attempt may go better. */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** Node hides what happened in an error's cause, and in several of them where a name has several addresses. */
function reasonOf(error: unknown): string {
  const { cause, errors, code } = error as { cause?: unknown; errors?: readonly unknown[]; code?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0]);
  if (cause !== undefined) return reasonOf(cause);
  return messageOf(error) || String(code);
}
