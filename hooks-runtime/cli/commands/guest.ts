import { Argument, Command } from 'commander';
import { GUESTS } from '../../host';
import { type CommandContext, jsonOption } from '../command-context';

export function guestCommand(context: CommandContext): Command {
  const guest = new Command('guest').description('guests that Sandform builds from Debian packages');
  guest
    .command('build')
    .description('build a guest, unless it is there already; needs root or user namespaces, and mmdebstrap')
    .addArgument(new Argument('<name>').choices(GUESTS))
    .option('--force', 'build it again')
    .addOption(jsonOption())
    .action(async (name: string, { force }: { force?: boolean }) => {
      const { buildGuest } = await import('../../host');
      const end = context.reporter.step(`guest '${name}'`);
      const folder = await buildGuest(name, { force: force === true, signal: context.signal, onLine: (line) => context.reporter.note(line) });
      end();
      context.reporter.result({ name, folder }, () => folder);
    });
  return guest;
}
