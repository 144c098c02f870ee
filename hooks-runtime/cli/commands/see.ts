import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { SandformError } from '../../../lib/errors';
import { isName } from '../../../lib/naming';
import { Duration, type DurationText } from '../../../lib/units';
import { type CommandContext, durationArgument, jsonOption, uriOption } from '../command-context';
import type { SeeRunOptions } from '../run-see';
import type { SeeOptions } from '../see-configuration';

export function seeCommand(context: CommandContext): Command {
  return new Command('see').description("configurations of SEE (Sandboxed Execution Environment): run them, or make a stack of them; see docs/see-migration.md").addCommand(runCommand(context)).addCommand(importCommand(context));
}

function runCommand(context: CommandContext): Command {
  return configured(new Command('run'))
    .description("run what SEE's files describe, by SEE's customary protocol; the sandbox is gone afterwards")
    .option('--sample <file>', 'file that the agent in the guest runs, by the event run_sample')
    .option('-c, --command <command>', 'how the guest runs it', 'start {sample}')
    .addOption(durationOption('--address-timeout <duration>', 'how long the guest may take to get an address', '60s'))
    .addOption(durationOption('--wait <duration>', 'how long the sample is left to itself', '10m'))
    .addOption(durationOption('--shutdown-timeout <duration>', 'how long the guest may take to shut down', '60s'))
    .option('--check', 'only check, and tell what is otherwise than in SEE')
    .option('--ttl <duration>', 'the reaper may take it after this long, should this run be killed (default: an hour more than the protocol takes)', durationArgument)
    .option('--runs <folder>', 'where records are kept (default: SANDFORM_RUNS, else .sandform/runs of the project)')
    .option('--keep', 'leave it deployed')
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (options: SeeRunOptions) => {
      const { runSee } = await import('../run-see');
      context.end(await runSee(context, options));
    });
}

interface ImportOptions extends SeeOptions {
  readonly output: string;
  readonly stack: string;
}

function importCommand(context: CommandContext): Command {
  return configured(new Command('import'))
    .description("write the stack that SEE's files describe, as a TypeScript program")
    .option('-o, --output <file>', 'file to write; images in its folder are named from there', 'see.ts')
    .option('--stack <name>', 'name of the stack', 'see')
    .addOption(jsonOption())
    .action(async (options: ImportOptions) => {
      const { readSeeConfiguration } = await import('../see-configuration');
      const { stackSource } = await import('../../../lib/see');
      const { tellNotes } = await import('../see-notes');
      const output = resolve(options.output);
      const doing = `writing ${options.output}`;
      if (!isName(options.stack)) throw new SandformError('NAME_INVALID', { doing, given: options.stack });
      if (existsSync(output)) throw new SandformError('FILE_EXISTS', { doing, given: output });
      const { declaration, login, notes } = readSeeConfiguration(options);
      const sources = [options.context, ...(options.hooks === undefined ? [] : [options.hooks])].map((path) => basename(path));
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(output, stackSource(declaration, { stack: options.stack, sources, project: dirname(output), notes, ...(login === undefined ? {} : { login }) }), { flag: 'wx' });
      tellNotes(context.reporter, notes);
      context.reporter.result({ file: output, stack: options.stack, notes }, () => `${output}\n\nNow: cdktf deploy ${options.stack}, then sandform run ${options.stack}/sandbox`);
    });
}

function durationOption(flags: string, description: string, by: DurationText): Option {
  return new Option(flags, description).argParser(durationArgument).default(Duration.parse(by), by);
}

/** The options that both have. */
function configured(command: Command): Command {
  return command
    .requiredOption('--context <file>', 'context configuration of SEE')
    .option('-k, --hooks <file>', 'hooks configuration of SEE')
    .option('--without <hook>', 'leave a hook out, by its name; may be given several times', (name: string, previous?: readonly string[]) => [...(previous ?? []), name])
    .option('--trust-template', 'carry over what of the domain XML reaches into the host');
}
