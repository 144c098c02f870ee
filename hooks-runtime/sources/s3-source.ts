import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { SandformError, messageOf } from '../../lib/errors';
import { type PublishedBytes, type S3Source, type SourceVersion, describeSource } from '../../lib/images';
import { MultipartHash } from './multipart-hash';
import type { ClientContext, FoundImage, PublishedCheck, SourceClient } from './source-client';

/** An object of an S3-compatible store. A version is its version id where the bucket keeps versions, and its ETag. */
export class S3SourceClient implements SourceClient {
  private constructor(
    private readonly source: S3Source,
    private readonly context: ClientContext,
    private readonly client: S3Client,
  ) {}

  /** Credentials, region and endpoint come from where the AWS command line has them: variables, profiles, the instance. */
  static async open(source: S3Source, context: ClientContext): Promise<S3SourceClient> {
    const { endpoint = context.environment['AWS_ENDPOINT_URL_S3'] ?? context.environment['AWS_ENDPOINT_URL'], region = context.environment['AWS_REGION'], profile } = source;
    // Own endpoints know no names of buckets as hosts, and often no region.
    const own = endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' };
    const client = new S3Client({ maxAttempts: 3, ...(region === undefined ? {} : { region }), ...(profile === undefined ? {} : { profile }), ...own });
    return new S3SourceClient(source, context, client);
  }

  async resolve(): Promise<FoundImage> {
    const head = await this.#asked(() => this.client.send(new HeadObjectCommand({ ...this.#object(this.source.versionId), ChecksumMode: 'ENABLED' }), { abortSignal: this.context.signal }));
    if (head === undefined) throw new SandformError('IMAGE_NOT_FOUND', { doing: this.context.doing, given: `no object ${describeSource(this.source)}, or no such version of it` });
    const { ETag: etag, VersionId: versionId, ContentLength: size } = head;
    const check = await this.#check(head);
    return {
      version: { ...(etag === undefined ? {} : { etag }), ...(versionId === undefined || versionId === 'null' ? {} : { versionId }) },
      ...(size === undefined ? {} : { size }),
      ...(check === undefined ? {} : { checks: [check] }),
    };
  }

  async read({ etag, versionId }: SourceVersion, { offset, signal }: { offset: number; signal: AbortSignal }): Promise<PublishedBytes | undefined> {
    const object = { ...this.#object(versionId), ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }), ...(etag === undefined ? {} : { IfMatch: etag }) };
    const answer = await this.#asked(() => this.client.send(new GetObjectCommand(object), { abortSignal: signal }));
    if (answer?.Body === undefined) return undefined;
    const start = /^bytes (\d+)-/.exec(answer.ContentRange ?? '')?.[1];
    return { offset: start === undefined ? 0 : Number(start), bytes: answer.Body as AsyncIterable<Uint8Array> };
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  /** The ETag of an unencrypted object is MD5: of its bytes, or of the MD5s of its parts. */
  async #check({ ETag: etag = '', ContentLength: size = 0, ServerSideEncryption: encryption }: HeadObjectCommandOutput): Promise<PublishedCheck | undefined> {
    const [, value, parts] = /^"?([0-9a-f]{32})(?:-(\d+))?"?$/.exec(etag) ?? [];
    if (value === undefined || encryption?.startsWith('aws:kms')) return undefined;
    if (parts === undefined) return { name: 'MD5', value, hash: () => createHash('md5') };
    const partSize = await this.#partSize(Number(parts), size);
    return partSize === undefined ? undefined : { name: `MD5 of ${parts} parts`, value, hash: () => new MultipartHash(partSize) };
  }

  /** Undefined where parts are not of one size, or the store doesn't tell. */
  async #partSize(parts: number, size: number): Promise<number | undefined> {
    const sizeOfPart = async (PartNumber: number): Promise<number | undefined> => {
      const head = await this.client.send(new HeadObjectCommand({ ...this.#object(this.source.versionId), PartNumber }), { abortSignal: this.context.signal }).catch(() => undefined);
      return head?.ContentLength;
    };
    const first = await sizeOfPart(1);
    if (first === undefined || first === 0 || Math.ceil(size / first) !== parts) return undefined;
    if (parts > 2 && (await sizeOfPart(2)) !== first) return undefined;
    return first;
  }

  #object(versionId: string | undefined): { Bucket: string; Key: string; VersionId?: string } {
    return { Bucket: this.source.bucket, Key: this.source.key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
  }

  /** Undefined where there is no such object or version any more. */
  async #asked<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    const { doing, signal } = this.context;
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
      const status = $metadata?.httpStatusCode;
      const given = `${describeSource(this.source)}: ${name} ${messageOf(error)}`;
      if (name === 'NoSuchBucket') throw new SandformError('IMAGE_NOT_FOUND', { doing, given, cause: error });
      if (status === 404 || status === 412 || (status === 400 && this.source.versionId !== undefined) || status === 405) return undefined;
      const isRefused = status === 401 || status === 403 || /Credential|Token|Signature|Profile/.test(name);
      throw new SandformError(isRefused ? 'IMAGE_DENIED' : 'IMAGE_UNREACHABLE', { doing, given, cause: error, details: { passing: status === undefined || status >= 500 } });
    }
  }
}
