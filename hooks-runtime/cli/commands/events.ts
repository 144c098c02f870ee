import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { parseAddress } from '../../../lib/naming';
import type { JournalEntry } from '../../../lib/record';
import { printable } from '../../../lib/text';
import type { RunRecord, ToldEntry } from '../../record';
import { type CommandContext, jsonOption } from '../command-context';

/** Milliseconds between looks for the next run. */
const LOOK_INTERVAL = 500;

export function eventsCommand(context: CommandContext): Command {
  return new Command('events')
    .description('what happened in a run: its events, hooks, commands and files, in order')
    .argument('[run]', 'STACK, STACK/SANDBOX, or the name of a run as `report` takes it', 'latest')
    .option('-f, --follow', 'go on as the run does; of a stack or sandbox, also with the runs that come')
    .option('--runs <folder>', 'where records lie (default: SANDFORM_RUNS, else .sandform/runs of the project)')
    .addOption(jsonOption())
    .action(async (name: string, { follow = false, runs }: { follow?: boolean; runs?: string }) => {
      const { findRun, followJournal, listRuns, runsFolder, toldEntry } = await import('../../record');
      const folder = runs ?? runsFolder();
      const { signal } = context;
      const all = (await listRuns(folder)).runs;
      const isOf = sandboxesOf(name, all);
      const show = async (record: RunRecord) => {
        for await (const entry of follow ? followJournal(record.folder, signal) : record.entries()) if (entry !== undefined) tell(context, record, entry, toldEntry(entry));
      };
      if (isOf === undefined) return show(await findRun(folder, name));
      const newest = all.find(isOf);
      if (newest === undefined && !follow) throw new SandformError('RUN_NOT_FOUND', { doing: `looking for runs of '${name}' in ${folder}`, given: name });
      const shown = new Set<string>(all.filter((record) => record !== newest).map(({ folder: where }) => where));
      for (let next = newest; !signal.aborted; next = (await listRuns(folder)).runs.filter(isOf).findLast(({ folder: where }) => !shown.has(where))) {
        if (next === undefined) await pause(LOOK_INTERVAL, undefined, { signal }).catch(() => undefined);
        else {
          shown.add(next.folder);
          await show(next);
        }
        if (!follow) return;
      }
    });
}

/** What tells the runs of a stack or sandbox; undefined where the name is that of a run. */
function sandboxesOf(name: string, runs: readonly RunRecord[]): ((record: RunRecord) => boolean) | undefined {
  if (name === 'latest' || name.startsWith('.') || name.startsWith('/') || runs.some(({ run }) => run.id.startsWith(name))) return undefined;
  const { stack, sandbox } = parseAddress(name);
  return ({ run }) => (sandbox === undefined ? run.address.startsWith(`${stack}/`) : run.address === name);
}

function tell({ reporter }: CommandContext, { run }: RunRecord, entry: JournalEntry, { what, who, details }: ToldEntry): void {
  const line = (text: string, limit: number) => printable(text, { singleLine: true, limit });
  reporter.result({ run: run.id, address: run.address, ...entry }, () => `${new Date(entry.at).toISOString()}  ${run.address}  ${line(what, 110)}  ${line(who, 70)}  ${line(details, 300)}`.trimEnd());
}
