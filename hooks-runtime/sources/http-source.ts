import { SandformError } from '../../lib/errors';
import type { HttpSource, PublishedBytes, SourceVersion } from '../../lib/images';
import { type HttpAnswer, HttpClient, isPassing } from './http-client';
import type { ClientContext, FoundImage, SourceClient } from './source-client';

/** Methods that servers refuse which sign addresses for one of them. */
const NO_HEAD = new Set([400, 403, 405, 501]);

/** An image behind an address. A version is the server's ETag and date. */
export class HttpSourceClient implements SourceClient {
  readonly #http: HttpClient;

  constructor(
    private readonly source: HttpSource,
    private readonly context: ClientContext,
  ) {
    this.#http = HttpClient.create(context);
  }

  async resolve(): Promise<FoundImage> {
    const { signal } = this.context;
    const head = await this.#http.send(this.source.url, { method: 'HEAD', signal });
    await head.drop();
    const answer = NO_HEAD.has(head.status) ? await this.#http.send(this.source.url, { headers: { range: 'bytes=0-0' }, signal }) : head;
    if (answer !== head) answer.stop();
    refuse(answer, this.context.doing, hostOf(this.source.url));
    const size = answer.status === 206 ? totalOf(answer) : lengthOf(answer);
    return { version: versionOf(answer), ...(size === undefined ? {} : { size }) };
  }

  async read(version: SourceVersion, { offset, signal }: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    const { etag, lastModified } = version;
    // A weak ETag may not be asked for; without any, the answer's own is compared.
    const validator = etag?.startsWith('"') ? etag : lastModified;
    const headers = offset === 0 ? {} : { range: `bytes=${offset}-`, ...(validator === undefined ? {} : { 'if-range': validator }) };
    const answer = await this.#http.send(this.source.url, { headers, signal });
    if (answer.status === 404 || answer.status === 410) {
      await answer.drop();
      return undefined;
    }
    if (answer.status === 416) {
      await answer.drop();
      return this.read(version, { offset: 0, signal });
    }
    refuse(answer, this.context.doing, hostOf(this.source.url));
    const isOther = !isSame(versionOf(answer), version);
    if (answer.status !== 206) return { offset: 0, isOther, bytes: answer.body };
    if (startOf(answer) === offset && !isOther) return { offset, bytes: answer.body };
    answer.stop();
    return this.read(version, { offset: 0, signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** @throws SandformError for any status that brings no image */
export function refuse(answer: HttpAnswer, doing: string, host: string): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  answer.stop();
  const given = `${host} answered ${status}`;
  if (status === 404 || status === 410) throw new SandformError('IMAGE_NOT_FOUND', { doing, given });
  if (status === 401 || status === 403 || status === 407) throw new SandformError('IMAGE_DENIED', { doing, given });
  throw new SandformError('IMAGE_UNREACHABLE', { doing, given, details: { passing: isPassing(status) } });
}

export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'the server';
}

/** Where the first byte of a part lies in the whole; undefined where the answer does not say. */
export function startOf({ headers }: HttpAnswer): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

export function lengthOf({ headers }: HttpAnswer): number | undefined {
  const { 'content-length': length } = headers;
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

function totalOf({ headers }: HttpAnswer): number | undefined {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

function versionOf({ headers: { etag, 'last-modified': lastModified } }: HttpAnswer): SourceVersion {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function isSame(a: SourceVersion, b: SourceVersion): boolean {
  const both = (key: string) => a[key] !== undefined && b[key] !== undefined;
  return ['etag', 'lastModified'].every((key) => !both(key) || a[key] === b[key]);
}
