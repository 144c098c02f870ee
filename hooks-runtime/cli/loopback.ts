import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { SandformError } from '../../lib/errors';

/** Connections at once: enough for any client, few for whoever else of this machine finds the port. */
const MOST_CONNECTIONS = 64;

/** A server that listens on the loopback address only, until the signal is aborted. */
export interface LoopbackOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** For messages. */
  readonly doing: string;
}

/** Listens. @throws SandformError `PORT_TAKEN` */
export function listening(server: Server, { port, signal, doing }: LoopbackOptions): Promise<number> {
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new SandformError('PORT_TAKEN', { doing, given: `port ${port}: ${error.code ?? error.message}`, cause: error })));
    signal.addEventListener('abort', () => server.close(), { once: true });
    server.listen({ port, host: '127.0.0.1' }, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Carries every connection to a loopback port on to one that is opened for it. What fails is told, and ends that connection alone.
 * @returns the port, and what ends when the signal is aborted and all connections are closed
 */
export async function relay(open: () => Promise<Duplex>, options: LoopbackOptions & { readonly onFailure: (error: unknown) => void }): Promise<{ readonly port: number; readonly ended: Promise<void> }> {
  const clients = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (client) => {
    clients.add(client);
    client.on('error', () => undefined).on('close', () => clients.delete(client));
    open().then(
      (target) => {
        // What one side ends with, the other hears; a broken connection is no failure of the relay.
        pipeline(client, target, client, () => undefined);
        client.resume();
      },
      (error: unknown) => {
        client.destroy();
        options.onFailure(error);
      },
    );
  });
  const ended = new Promise<void>((resolve) => server.once('close', resolve));
  const port = await listening(server, options);
  options.signal.addEventListener('abort', () => clients.forEach((client) => client.destroy()), { once: true });
  return { port, ended };
}
