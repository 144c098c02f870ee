import { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context';

export function envCommand(context: CommandContext): Command {
  return new Command('env')
    .description('print the variables that cdktf needs on this machine: eval "$(npx sandform env)"')
    .addOption(jsonOption())
    .action(async () => {
      const { toolEnvironment } = await import('../../host');
      const { variables, notes } = await toolEnvironment();
      for (const note of notes) context.reporter.note(`# ${note}`);
      context.reporter.result({ variables, notes }, () =>
        Object.entries(variables)
          .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
          .join('\n'),
      );
    });
}
