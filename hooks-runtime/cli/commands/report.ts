import { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context';
import { table } from '../table';

export function reportCommand(context: CommandContext): Command {
  return new Command('report')
    .description('write the report of a run again and print where it lies; without a name, list the runs')
    .argument('[run]', 'name of the run, an unmistakable beginning of it, `latest`, or the path of its folder')
    .option('--runs <folder>', 'where records lie (default: SANDFORM_RUNS, else .sandform/runs of the project)')
    .addOption(jsonOption())
    .action(async (name: string | undefined, options: { runs?: string }) => {
      const { findRun, listRuns, runsFolder, writeReport } = await import('../../record');
      const folder = options.runs ?? runsFolder();
      if (name === undefined) {
        const { runs, unreadable } = await listRuns(folder);
        context.reporter.result(
          { folder, runs: runs.map(({ run }) => run), unreadable },
          () =>
            table(
              ['RUN', 'SANDBOX', 'STATUS', 'VERDICT', 'STARTED'],
              runs.map(({ run }) => [run.id, run.address, run.status, run.verdict?.outcome ?? '-', run.startedAt]),
            ) + unreadable.map(({ folder: where, error }) => `\n${where}: ${error.code}`).join(''),
        );
        return;
      }
      const record = await findRun(folder, name);
      const report = await writeReport(record);
      context.reporter.result({ ...record.run, report }, () => report);
    });
}
