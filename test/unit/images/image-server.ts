import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';

/** How a server misbehaves for one request, or behaves: called instead of it. @returns whether it answered */
export type Fault = (request: IncomingMessage, response: ServerResponse, server: ImageServer) => boolean;

/** A server on the loopback address that holds one file, with ranges and ETags, and faults on demand. */
export class ImageServer implements AsyncDisposable {
  /** `METHOD PATH RANGE` of what was asked for. */
  readonly asked: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  fault: Fault | undefined;
  etag = '"first"';
  /** Tunnels that it opened as a proxy. */
  connects = 0;

  private constructor(
    private readonly server: Server,
    public content: Buffer,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
    server.on('connect', (_request, socket: Socket) => {
      this.connects++;
      const upstream = connect((this.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
      socket.on('error', () => upstream.destroy()).pipe(upstream).on('error', () => socket.destroy()).pipe(socket);
    });
  }

  static async start(content: Buffer): Promise<ImageServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ImageServer(server, content);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/disk.img`;
  }

  get digest(): string {
    return createHash('sha256').update(this.content).digest('hex');
  }

  /** GETs of the file that were asked for. */
  get downloads(): number {
    return this.asked.filter((line) => line.startsWith('GET')).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** As a good server does. */
  send(request: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': ifRange } = request.headers;
    const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const isPart = range !== undefined && (ifRange === undefined || ifRange === this.etag);
    if (isPart && start >= this.content.length) {
      response.writeHead(416, { 'content-range': `bytes */${this.content.length}` }).end();
      return;
    }
    const body = isPart ? this.content.subarray(start) : this.content;
    response.writeHead(isPart ? 206 : 200, {
      etag: this.etag,
      'content-length': body.length,
      ...(isPart ? { 'content-range': `bytes ${start}-${this.content.length - 1}/${this.content.length}` } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
    this.headers.push(request.headers);
    if (this.fault?.(request, response, this) !== true) this.send(request, response);
  }
}

/** The header of a qcow2 image, and as many random bytes. */
export function qcow2(bytes = 200_000, { backing = 0n, features = 0n, virtualSize = 2n ** 26n } = {}): Buffer {
  const image = randomBytes(Math.max(bytes, 104));
  image.write('QFI\xfb', 0, 'latin1');
  image.writeUInt32BE(3, 4);
  image.writeBigUInt64BE(backing, 8);
  image.writeBigUInt64BE(virtualSize, 24);
  image.writeBigUInt64BE(features, 72);
  return image;
}
