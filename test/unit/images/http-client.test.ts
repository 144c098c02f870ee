import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient, type TlsSettings } from '../../../hooks-runtime/sources/http-client';

let folder: string;
let server: Server;
let ca: string;
let privateKey: string;
/** Name in the certificate that was shown last. */
let client: string | string[] | undefined;
let location: string | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandform-tls-'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  [ca, privateKey] = [readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8')];
  server = createServer({ key: privateKey, cert: ca, requestCert: true, rejectUnauthorized: false }, (_request, response) => void (location === undefined ? response.end(JSON.stringify({ fine: true, client })) : response.writeHead(302, { location }).end()));
  server.on('secureConnection', (socket) => void (client = socket.getPeerCertificate().subject?.CN));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const send = async (options: TlsSettings) => {
  const client = HttpClient.create({ doing: 'testing', environment: {} }, options);
  try {
    return await (await client.send(url(), { signal: AbortSignal.timeout(10_000) })).json();
  } finally {
    await client.close();
  }
};

describe('TLS', () => {
  it('is verified: who is signed by nobody known is not asked', async () => {
    await expect(send({})).rejects.toMatchObject({ code: 'IMAGE_UNREACHABLE', given: expect.stringContaining('self-signed') });
  });

  it('knows a certificate authority that is named', async () => {
    expect(await send({ ca })).toEqual({ fine: true });
  });

  it('shows who the client is, where it has a certificate', async () => {
    expect(await send({ ca, certificate: { cert: ca, key: privateKey } })).toEqual({ fine: true, client: 'test' });
  });

  it('is not left by a redirect', async () => {
    location = 'http://127.0.0.1:9/';
    await expect(send({ ca })).rejects.toMatchObject({ code: 'IMAGE_UNREACHABLE', given: expect.stringContaining('https to http') });
    location = undefined;
  });
});
