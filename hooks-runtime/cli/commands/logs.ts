import { Command } from 'commander';
import { Size } from '../../../lib/units';
import { printable } from '../../../lib/text';
import { type CommandContext, jsonOption, sizeArgument, uriOption } from '../command-context';
import { guestOutput } from '../guest-output';

export function logsCommand(context: CommandContext): Command {
  return new Command('logs')
    .description('what the console of a sandbox has printed since it was switched on, also of one that is off again')
    .argument('<sandbox>', 'STACK/SANDBOX')
    .option('-f, --follow', 'and what it prints from now on')
    .option('--tail <size>', 'only so much from the end', sizeArgument, Size.parse('1MiB'))
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string, { uri, follow = false, tail }: { uri?: string; follow?: boolean; tail: Size }) => {
      const { connect } = await import('../../sandbox');
      const { resolveUri } = await import('../../host');
      await using sandbox = await connect(address, { uri: await resolveUri(uri), signal: context.signal });
      const show = context.reporter.json ? (text: Buffer) => context.reporter.result({ address, console: printable(text.toString()) }, () => '') : guestOutput(process.stdout);
      show(await sandbox.console.log({ tail: tail.bytes }));
      if (follow) for await (const piece of sandbox.console.follow({ signal: context.signal })) show(piece);
    });
}
