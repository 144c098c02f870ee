import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { type CommandContext, jsonOption, portArgument, uriOption } from '../command-context';
import { listening, relay } from '../loopback';

interface ScreenOptions {
  readonly uri?: string;
  readonly output?: string;
  readonly relay?: boolean;
  readonly port: number;
}

export function screenCommand(context: CommandContext): Command {
  return new Command('screen')
    .description('show the screen of a sandbox: live on a page of this machine, as one picture, or to a VNC or SPICE client')
    .argument('<sandbox>', 'STACK/SANDBOX')
    .option('-o, --output <file>', 'write one picture there instead')
    .option('--relay', 'relay the display itself, for a VNC or SPICE client; any user of this machine can connect')
    .option('--port <port>', 'port on the loopback address (default: any that is free)', portArgument, 0)
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string, options: ScreenOptions) => {
      const { connect } = await import('../../sandbox');
      const { resolveUri } = await import('../../host');
      const { signal, reporter } = context;
      await using sandbox = await connect(address, { uri: await resolveUri(options.uri), signal });
      const doing = `${address}: showing its screen`;
      const picture = await sandbox.screen.capture();
      if (options.output !== undefined) {
        await writeFile(options.output, picture.bytes);
        reporter.result({ address, file: options.output, type: picture.type }, () => `${options.output ?? ''}: ${picture.type}`);
      } else if (options.relay) {
        const onFailure = (error: unknown) => reporter.error(SandformError.from(error, doing));
        const { protocol, stream } = await sandbox.screen.connect();
        stream.destroy();
        const { port, ended } = await relay(async () => (await sandbox.screen.connect()).stream, { port: options.port, signal, doing, onFailure });
        const url = `${protocol}://127.0.0.1:${port}`;
        reporter.result({ address, url }, () => `${url} is the display of ${address}, until Ctrl-C`);
        await ended;
      } else {
        const { screenPage } = await import('../screen-page');
        const { server, path } = screenPage(sandbox.screen, address);
        const ended = new Promise<void>((resolve) => server.once('close', resolve));
        const port = await listening(server, { port: options.port, signal, doing });
        signal.addEventListener('abort', () => server.closeAllConnections(), { once: true });
        const url = `http://127.0.0.1:${port}${path}`;
        reporter.result({ address, url }, () => `${url} shows ${address}, until Ctrl-C`);
        await ended;
      }
    });
}
