import { Command } from 'commander';
import { type CommandContext, jsonOption, uriOption } from '../command-context';
import { EXIT } from '../exit-codes';
import { printable } from '../../../lib/text';

const MARKS = { ok: '✓', warning: '!', problem: '✗' } as const;

export function doctorCommand(context: CommandContext): Command {
  return new Command('doctor')
    .description('look whether this machine can do what Sandform needs; each finding comes with its fix')
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (options: { uri?: string }) => {
      const { examine } = await import('../../doctor');
      const { resolveUri } = await import('../../host');
      const findings = await examine({ uri: await resolveUri(options.uri), signal: context.signal });
      context.reporter.result({ findings }, () =>
        findings
          .map(({ check, status, found, fix }) => `${MARKS[status]} ${check}: ${printable(found)}${fix === undefined || status === 'ok' ? '' : `\n    fix: ${printable(fix)}`}`)
          .join('\n'),
      );
      if (findings.some(({ status }) => status === 'problem')) context.end(EXIT.notWell);
    });
}
