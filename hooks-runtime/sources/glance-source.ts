import { createHash, getHashes } from 'node:crypto';
import { SandformError } from '../../lib/errors';
import { DiskFormat, type GlanceSource, type PublishedBytes, type SourceVersion, describeSource } from '../../lib/images';
import { type Static, Type } from '../../lib/schema';
import { mistakesOf } from '../../lib/spec';
import { cloudSettings } from './cloud-settings';
import { HttpClient } from './http-client';
import { refuse, startOf } from './http-source';
import { type CloudLogin, logIn } from './keystone';
import type { ClientContext, FoundImage, PublishedCheck, SourceClient } from './source-client';

const Nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));

/** What is used of an image's description. Others of its keys don't matter. */
const GlanceImage = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
  status: Type.String(),
  size: Nullable(Type.Integer({ minimum: 0 })),
  checksum: Nullable(Type.String()),
  os_hash_algo: Nullable(Type.String()),
  os_hash_value: Nullable(Type.String()),
  disk_format: Nullable(Type.String()),
});
type GlanceImage = Static<typeof GlanceImage>;
const GlanceList = Type.Object({ images: Type.Array(GlanceImage) });

/**
 * An image of OpenStack's image service. A version is the image's id, whose bytes Glance never changes. Only active images count; of several that
 * fit, the newest wins.
 * Source: https://docs.openstack.org/api-ref/image/v2/
 */
export class GlanceSourceClient implements SourceClient {
  #login: CloudLogin;

  private constructor(
    private readonly source: GlanceSource,
    private readonly context: ClientContext,
    private readonly http: HttpClient,
    private readonly again: () => Promise<CloudLogin>,
    login: CloudLogin,
  ) {
    this.#login = login;
  }

  /** @throws SandformError `IMAGE_DENIED`, `IMAGE_NOT_FOUND`, `IMAGE_UNREACHABLE` */
  static async open(source: GlanceSource, context: ClientContext): Promise<GlanceSourceClient> {
    const settings = cloudSettings(source.cloud, context);
    const http = HttpClient.create(context, settings);
    try {
      const login = () => logIn(http, settings, source.region, context);
      return new GlanceSourceClient(source, context, http, login, await login());
    } catch (error) {
      await http.close();
      throw error;
    }
  }

  async resolve(): Promise<FoundImage> {
    const { doing } = this.context;
    const image = this.source.id === undefined ? await this.#newest() : await this.#byId(this.source.id);
    if (image === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing, given: `no ${describeSource(this.source)} that is active`, expected: 'an active image that this login may see' });
    const check = checkOf(image);
    const format = mistakesOf(DiskFormat, image.disk_format).length === 0 ? (image.disk_format as FoundImage['format']) : undefined;
    return {
      version: { id: image.id },
      ...(typeof image.size === 'number' && image.size > 0 ? { size: image.size } : {}),
      ...(format === undefined ? {} : { format }),
      ...(check === undefined ? {} : { checks: [check] }),
    };
  }

  async read({ id = '' }: SourceVersion, { offset, signal }: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    const image = await this.#byId(id);
    if (image === undefined) return undefined;
    const answer = await this.#get(`/v2/images/${encodeURIComponent(id)}/file`, signal, offset === 0 ? {} : { range: `bytes=${offset}-` });
    if (answer.status === 404 || answer.status === 410) {
      await answer.drop();
      return undefined;
    }
    refuse(answer, this.context.doing, 'Glance');
    return { offset: answer.status === 206 ? (startOf(answer) ?? 0) : 0, bytes: answer.body };
  }

  close(): Promise<void> {
    return this.http.close();
  }

  async #byId(id: string): Promise<GlanceImage | undefined> {
    const answer = await this.#get(`/v2/images/${encodeURIComponent(id)}`, this.context.signal);
    if (answer.status === 404) {
      await answer.drop();
      return undefined;
    }
    refuse(answer, this.context.doing, 'Glance');
    const image = await answer.json();
    this.#assert(GlanceImage, image);
    return (image as GlanceImage).status === 'active' ? (image as GlanceImage) : undefined;
  }

  async #newest(): Promise<GlanceImage | undefined> {
    const { name, properties = {}, tags = [], newest } = this.source;
    const words = [...(name === undefined ? [] : [['name', name]]), ...Object.entries(properties), ...tags.map((tag) => ['tag', tag]), ['status', 'active'], ['sort', `${newest === 'updated' ? 'updated_at' : 'created_at'}:desc`], ['limit', '1']];
    const query = words.map(([key = '', value = '']) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
    const answer = await this.#get(`/v2/images?${query}`, this.context.signal);
    refuse(answer, this.context.doing, 'Glance');
    const list = await answer.json();
    this.#assert(GlanceList, list);
    return (list as Static<typeof GlanceList>).images.find(({ status }) => status === 'active');
  }

  /** A token that ran out meanwhile is replaced, once. */
  async #get(path: string, signal: AbortSignal, headers: Record<string, string> = {}): ReturnType<HttpClient['send']> {
    const send = () => this.http.send(`${this.#login.imageService}${path}`, { headers, credentials: { 'x-auth-token': this.#login.token }, signal });
    const answer = await send();
    if (answer.status !== 401) return answer;
    await answer.drop();
    this.#login = await this.again();
    return send();
  }

  #assert(schema: typeof GlanceImage | typeof GlanceList, document: unknown): void {
    if (mistakesOf(schema, document).length > 0) throw new SandformError('IMAGE_UNREACHABLE', { doing: this.context.doing, given: 'an answer of Glance that makes no sense' });
  }
}

/** The strongest hash that Glance knows: MD5 where it has no other. */
function checkOf({ os_hash_algo: algorithm, os_hash_value: value, checksum }: GlanceImage): PublishedCheck | undefined {
  if (typeof algorithm === 'string' && typeof value === 'string' && getHashes().includes(algorithm)) return { name: algorithm, value, hash: () => createHash(algorithm) };
  return typeof checksum === 'string' ? { name: 'MD5', value: checksum, hash: () => createHash('md5') } : undefined;
}
