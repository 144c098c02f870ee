import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { parseAddress } from '../../../lib/naming';
import type { Duration } from '../../../lib/units';
import { type CommandContext, durationArgument, jsonOption, uriOption } from '../command-context';
import { runSandboxes } from '../run-sandboxes';

interface RunOptions {
  readonly uri?: string;
  readonly timeout?: Duration;
  readonly deadline?: Duration;
  readonly runs?: string;
}

export function runCommand(context: CommandContext): Command {
  return new Command('run')
    .description('observe a sandbox, or all of a stack: run its declared hooks and a command, keep a record and write a report')
    .usage('STACK[/SANDBOX] [options] [-- COMMAND...]')
    .argument('<address>', 'STACK or STACK/SANDBOX')
    .argument('[command...]', 'program and arguments, run in each sandbox')
    .option('--timeout <duration>', 'end the command after this long', durationArgument)
    .option('--deadline <duration>', 'end the run after this long', durationArgument)
    .option('--runs <folder>', 'where records are kept (default: SANDFORM_RUNS, else .sandform/runs of the project)')
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (address: string, command: string[], options: RunOptions) => {
      const { listSandboxes } = await import('../../inventory');
      const { LibvirtConnection } = await import('../../libvirt');
      const { resolveUri } = await import('../../host');
      const uri = await resolveUri(options.uri);
      const wanted = parseAddress(address);
      const addresses = await (async () => {
        if (wanted.sandbox !== undefined) return [address];
        await using connection = await LibvirtConnection.open(uri, { readOnly: true, signal: context.signal });
        const { sandboxes } = await listSandboxes(connection);
        return sandboxes.filter(({ spec }) => spec.identity.stack === wanted.stack).map((sandbox) => sandbox.address);
      })();
      if (addresses.length === 0) throw new SandformError('SANDBOX_NOT_FOUND', { doing: `looking for the sandboxes of '${address}'`, given: address });
      context.end(await runSandboxes(context, { ...options, uri, addresses, ...(command.length > 0 ? { command } : {}) }));
    });
}
