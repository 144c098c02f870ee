import { Command, InvalidArgumentError } from 'commander';
import { SandformError } from '../../../lib/errors';
import { parseAddress } from '../../../lib/naming';
import { Duration, type Size } from '../../../lib/units';
import { type CommandContext, durationArgument, jsonOption, sizeArgument, uriOption } from '../command-context';
import { runSandboxes } from '../run-sandboxes';

interface RunOptions {
  readonly uri?: string;
  readonly timeout?: Duration;
  readonly deadline?: Duration;
  readonly runs?: string;
}

/** Of a guest or image alone: what is deployed was declared with all this. */
interface AdHocRunOptions {
  readonly memory?: Size;
  readonly vcpus?: number;
  readonly ttl: Duration;
  readonly network?: boolean;
  readonly agent?: boolean;
  readonly keep?: boolean;
}

const AD_HOC_HELP = `
Instead of what is deployed, a guest (micro, debian12) or a disk image (a path): it is deployed for this run alone, and
destroyed after it.

  sandform run micro -- uname -a
  sandform run ./disk.qcow2 --agent --memory 2GiB -- ipconfig`;

export function runCommand(context: CommandContext): Command {
  return new Command('run')
    .description('observe a sandbox, or all of a stack, or a guest for once: run its hooks and a command, keep a record and write a report')
    .usage('STACK[/SANDBOX]|GUEST|IMAGE [options] [-- COMMAND...]')
    .argument('<address>', 'STACK, STACK/SANDBOX, a guest, or the path of a disk image')
    .argument('[command...]', 'program and arguments, run in each sandbox')
    .option('--timeout <duration>', 'end the command after this long', durationArgument)
    .option('--deadline <duration>', 'end the run after this long', durationArgument)
    .option('--runs <folder>', 'where records are kept (default: SANDFORM_RUNS, else .sandform/runs of the project)')
    .option('--memory <size>', 'of a guest or image: memory (default: what the guest needs)', sizeArgument)
    .option('--vcpus <number>', 'of a guest or image: processors (default: 1)', countArgument)
    .option('--network', 'of a guest or image: a network, on which it reaches nothing but DHCP')
    .option('--agent', 'of an image: the QEMU guest agent runs inside')
    .option('--ttl <duration>', 'of a guest or image: the reaper may take it after this long, should this run be killed', durationArgument, Duration.parse('1h'))
    .option('--keep', 'of a guest or image: leave it deployed')
    .addOption(uriOption())
    .addOption(jsonOption())
    .addHelpText('after', AD_HOC_HELP)
    .action(async (address: string, command: string[], options: RunOptions & AdHocRunOptions) => {
      const { resolveUri } = await import('../../host');
      const { guestOf } = await import('../../adhoc');
      const uri = await resolveUri(options.uri);
      const given = command.length > 0 ? { command } : {};
      const guest = guestOf(address, { agent: options.agent === true });
      if (guest === undefined) {
        context.end(await runSandboxes(context, { ...options, uri, addresses: await addressesOf(address, uri, context), ...given }));
        return;
      }
      const { runAdHoc } = await import('../run-ad-hoc');
      context.end(await runAdHoc(context, { ...options, uri, guest, network: options.network === true, keep: options.keep === true, ...given }));
    });
}

async function addressesOf(address: string, uri: string, { signal }: CommandContext): Promise<string[]> {
  const { HostConnections, listAllSandboxes } = await import('../../inventory');
  const wanted = parseAddress(address);
  if (wanted.sandbox !== undefined) return [address];
  await using host = await HostConnections.open(uri, { readOnly: true, signal });
  const { sandboxes } = await listAllSandboxes(host.all);
  const found = sandboxes.filter(({ spec }) => spec.identity.stack === wanted.stack).map((sandbox) => sandbox.address);
  if (found.length > 0) return found;
  throw new SandformError('SANDBOX_NOT_FOUND', { doing: `looking for the sandboxes of '${address}'`, given: address });
}

function countArgument(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 512) throw new InvalidArgumentError('write a whole number from 1 to 512');
  return count;
}
