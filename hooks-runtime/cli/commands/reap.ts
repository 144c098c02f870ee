import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { parseAddress } from '../../../lib/naming';
import { type CommandContext, jsonOption, pairArgument, uriOption } from '../command-context';
import { EXIT } from '../exit-codes';

interface ReapOptions {
  readonly uri?: string;
  readonly label?: Record<string, string>;
  readonly owner?: string;
  readonly expired?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

export function reapCommand(context: CommandContext): Command {
  return new Command('reap')
    .description('remove what sandboxes left on this host, from libvirt alone; what is chosen must fit every choice')
    .argument('[address]', 'STACK or STACK/SANDBOX')
    .option('--label <KEY=VALUE>', 'with this label; may be repeated', pairArgument)
    .option('--owner <name>', 'of this owner')
    .option('--expired', 'past their TTL')
    .option('--all', 'everything of Sandform on this host, its processes included')
    .option('--dry-run', 'only tell what would be removed')
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string | undefined, { uri, label, owner, expired, all, dryRun }: ReapOptions) => {
      if (address === undefined && label === undefined && owner === undefined && !expired && !all) {
        throw new SandformError('USAGE', { doing: 'choosing what to reap', given: 'nothing', expected: 'STACK, --label, --owner, --expired or --all', fix: 'look first with `sandform reap --all --dry-run`' });
      }
      const { reap } = await import('../../reap');
      const { resolveUri } = await import('../../host');
      const report = await reap({
        uri: await resolveUri(uri),
        dryRun: dryRun === true,
        signal: context.signal,
        selection: {
          ...(address === undefined ? {} : parseAddress(address)),
          ...(label === undefined ? {} : { labels: label }),
          ...(owner === undefined ? {} : { owner }),
          expired: expired === true,
          all: all === true,
        },
      });
      context.reporter.result(report, () => {
        const verb = dryRun ? 'would remove' : 'removed';
        const lines = report.removed.map(({ kind, name }) => `${verb} ${kind} ${name}`);
        return lines.length > 0 ? lines.join('\n') : 'nothing to remove';
      });
      for (const { error } of report.failed) context.reporter.note(error.format());
      if (report.failed.length > 0) context.end(EXIT.notWell);
    });
}
