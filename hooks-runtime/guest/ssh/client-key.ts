import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** A key pair for one connection: never stored, never used again. */
export interface ClientKey {
  /** As an `authorized_keys` line has it, without a comment: `ssh-ed25519 BASE64`. */
  readonly publicLine: string;
  /** OpenSSH's PEM form, the only one in which ssh2 reads Ed25519 keys. */
  readonly privatePem: string;
}

const TYPE = 'ssh-ed25519';

/**
 * Makes a fresh Ed25519 key pair in OpenSSH's forms (PROTOCOL.key in OpenSSH's source describes the private one).
 * ssh2 has a generator of its own, but it drops leading zero bytes, so that one key in 256 is unusable.
 */
export function createClientKey(): ClientKey {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (x === undefined || d === undefined) throw new TypeError('an Ed25519 key without x or d');
  const publicPart = Buffer.from(x, 'base64url');
  const blob = Buffer.concat([field(TYPE), field(publicPart)]);
  return { publicLine: `${TYPE} ${blob.toString('base64')}`, privatePem: pem(blob, publicPart, Buffer.from(d, 'base64url')) };
}

/** Whether bytes are an Ed25519 public key in SSH's wire form. */
export function isEd25519Blob(bytes: Buffer): boolean {
  return bytes.length === 51 && bytes.subarray(0, 15).equals(field(TYPE)) && bytes.readUInt32BE(15) === 32;
}

function pem(blob: Buffer, publicPart: Buffer, seed: Buffer): string {
  const check = randomBytes(4);
  const secret = padded(Buffer.concat([check, check, blob, field(Buffer.concat([seed, publicPart])), field('')]));
  const one = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field(''), one, field(blob), field(secret)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** To a multiple of 8 with bytes 1, 2, 3, ... */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
