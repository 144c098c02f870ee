import { generateKeyPairSync } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import { Server, type ServerChannel, utils } from 'ssh2';
import type { GuestPorts } from '../../../hooks-runtime/guest';
import type { SandformError } from '../../../lib/errors';

/** What a fake guest does where a real one would behave. */
export interface FakeGuest {
  /** Plays the guest's side of one opening of the port. @default answers as the guest program does */
  readonly onOpen?: (port: Duplex) => void;
  /** Handles a command. @default echoes the script */
  readonly onExec?: (channel: ServerChannel, script: string) => void;
  readonly outage?: () => SandformError | undefined;
}

/** Ports of a sandbox whose guest lives in this process: an ssh2 server behind the handshake. */
export function fakePorts({ onOpen, onExec, outage }: FakeGuest = {}): GuestPorts & { readonly openings: Duplex[] } {
  const openings: Duplex[] = [];
  return {
    address: 'lab/fake',
    openings,
    async openPort() {
      const [host, guest] = duplexPair();
      openings.push(guest);
      host.once('close', () => guest.destroy());
      guest.on('error', () => undefined);
      (onOpen ?? ((port) => serve(port, onExec)))(guest);
      return host;
    },
    container: () => Promise.resolve(undefined),
    agentCommand: async () => '{"return":{}}',
    outage: async () => outage?.(),
  };
}

/** Shakes hands as the guest program does, then speaks SSH. */
export function serve(port: Duplex, onExec: FakeGuest['onExec'] = echo, ack = (nonce: string, key: string) => `\nACK ${nonce} ${key}\n`): void {
  const host = hostKey();
  port.write('\nREADY\n');
  let text = '';
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const [, nonce] = /SYNC (\w+) ssh-ed25519 \S+\n/.exec(text) ?? [];
    if (nonce !== undefined && !text.includes('answered')) {
      text += 'answered';
      port.write(ack(nonce, host.line));
    }
    if (!/START \w+\n/.test(text)) return;
    port.off('data', onData);
    new Server({ hostKeys: [host.pem] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => context.accept());
      client.on('request', (_accept, reject) => reject?.());
      client.on('session', (accept) => {
        const session = accept();
        session.on('exec', (acceptExec, _reject, { command }) => onExec(acceptExec(), command));
      });
    }).injectSocket(port as never);
  };
  port.on('data', onData);
}

function echo(channel: ServerChannel, script: string): void {
  channel.write(script);
  channel.exit(0);
  channel.end();
}

export function hostKey(): { pem: string; line: string } {
  for (;;) {
    // ssh2's generator makes an unusable key once in 256
    const { private: pem, public: line } = utils.generateKeyPairSync('ed25519');
    if (line.split(' ')[1]?.length === 68) return { pem, line: line.split(' ').slice(0, 2).join(' ') };
  }
}

export const otherKey = () => {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.from(x, 'base64url')]).toString('base64')}`;
};
