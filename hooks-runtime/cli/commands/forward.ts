import { Command, InvalidArgumentError } from 'commander';
import { SandformError } from '../../../lib/errors';
import { type CommandContext, jsonOption, uriOption } from '../command-context';
import { relay } from '../loopback';

interface Ports {
  readonly local: number;
  readonly guest: number;
}

export function forwardCommand(context: CommandContext): Command {
  return new Command('forward')
    .description('make a port inside a sandbox one of this machine, on the loopback address; needs no network in the sandbox')
    .argument('<sandbox>', 'STACK/SANDBOX')
    .argument('<port>', 'PORT, or LOCAL:PORT (LOCAL 0: any that is free)', portsArgument)
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string, { local, guest }: Ports, options: { uri?: string }) => {
      const { connect } = await import('../../sandbox');
      const { resolveUri } = await import('../../host');
      const { signal, reporter } = context;
      await using sandbox = await connect(address, { uri: await resolveUri(options.uri), signal });
      // Whether it answers at all is told before anybody connects.
      await sandbox.waitForGuest({ signal });
      const onFailure = (error: unknown) => reporter.error(SandformError.from(error, `${address}: forwarding port ${guest}`));
      const { port, ended } = await relay(() => sandbox.ports.connect(guest, { signal }), { port: local, signal, doing: `${address}: forwarding port ${guest}`, onFailure });
      reporter.result({ address, port: guest, local: `127.0.0.1:${port}` }, () => `127.0.0.1:${port} is port ${guest} of ${address}, until Ctrl-C`);
      await ended;
    });
}

function portsArgument(text: string): Ports {
  const [, local, guest] = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(text) ?? [];
  const ports = { local: Number(local ?? guest), guest: Number(guest) };
  if (!(ports.guest >= 1 && ports.guest <= 65535 && ports.local >= 0 && ports.local <= 65535)) throw new InvalidArgumentError('write PORT or LOCAL:PORT, from 1 to 65535');
  return ports;
}
