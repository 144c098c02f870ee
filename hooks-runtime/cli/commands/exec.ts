import { Command } from 'commander';
import { type CommandContext, durationArgument, jsonOption, pairArgument, uriOption } from '../command-context';
import { runAttached } from '../attached-command';
import type { Duration } from '../../../lib/units';

interface ExecOptions {
  readonly json?: boolean;
  readonly uri?: string;
  readonly tty?: boolean;
  readonly timeout?: Duration;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

export function execCommand(context: CommandContext): Command {
  return new Command('exec')
    .description('run a command in a sandbox, with its streams and exit code')
    .usage('STACK/SANDBOX [options] -- COMMAND...')
    .argument('<sandbox>', 'STACK/SANDBOX')
    .argument('<command...>', 'program and arguments')
    .option('-t, --tty', 'give it a terminal')
    .option('--timeout <duration>', 'end it after this long', durationArgument)
    .option('--cwd <folder>', 'folder of the guest to start in')
    .option('--env <KEY=VALUE>', 'environment variable; may be repeated', pairArgument)
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string, command: string[], options: ExecOptions) => {
      context.end(await runAttached(context, { address, command, ...options }));
    });
}
