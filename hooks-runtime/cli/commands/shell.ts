import { Command } from 'commander';
import { type CommandContext, uriOption } from '../command-context';
import { runAttached } from '../attached-command';

export function shellCommand(context: CommandContext): Command {
  return new Command('shell')
    .description('open an interactive shell in a sandbox; what the guest prints reaches this terminal as it is')
    .argument('<sandbox>', 'STACK/SANDBOX')
    .addOption(uriOption())
    .action(async (address: string, options: { uri?: string }) => {
      context.end(await runAttached(context, { address, command: 'exec "${SHELL:-/bin/sh}" -l', tty: true, ...options }));
    });
}
