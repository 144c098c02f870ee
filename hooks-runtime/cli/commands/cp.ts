import { stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { parseAddress } from '../../../lib/naming';
import { printable } from '../../../lib/text';
import { Size } from '../../../lib/units';
import { type CommandContext, jsonOption, sizeArgument, uriOption } from '../command-context';

/** One side of a copy. */
interface Side {
  /** `STACK/SANDBOX`; absent on this machine. */
  readonly address?: string;
  readonly path: string;
}

export function cpCommand(context: CommandContext): Command {
  return new Command('cp')
    .description('copy a file or folder into a sandbox, or out of it')
    .usage('FROM TO [options]   one of them STACK/SANDBOX:PATH')
    .argument('<from>', 'a path, or STACK/SANDBOX:PATH')
    .argument('<to>', 'a path, or STACK/SANDBOX:PATH; a folder that is there, or a name that ends with /, keeps the name')
    .option('--max-size <size>', 'of what comes out of the sandbox', sizeArgument, Size.parse('1GiB'))
    .addOption(uriOption())
    .addOption(jsonOption())
    .action(async (from: string, to: string, options: { uri?: string; maxSize: Size }) => {
      const [source, target] = [sideOf(from), sideOf(to)];
      const address = source.address ?? target.address;
      if (address === undefined || (source.address !== undefined && target.address !== undefined)) {
        throw new SandformError('USAGE', { doing: 'reading the command line', given: `cp ${from} ${to}`, expected: 'one side in a sandbox, as STACK/SANDBOX:PATH, and one on this machine' });
      }
      const { connect } = await import('../../sandbox');
      const { resolveUri } = await import('../../host');
      const { signal } = context;
      await using sandbox = await connect(address, { uri: await resolveUri(options.uri), signal });
      if (source.address === undefined) {
        const inside = await isFolder(target.path, (path) => sandbox.files.stat(path, { signal }).then(({ type }) => type === 'directory'));
        const path = inside ? posix.join(target.path, basename(source.path)) : target.path;
        await sandbox.files.upload(source.path, path, { signal });
        context.reporter.result({ to: `${address}:${path}` }, () => `${address}:${printable(path, { singleLine: true })}`);
        return;
      }
      const inside = await isFolder(target.path, (path) => stat(path).then((entry) => entry.isDirectory()));
      const path = inside ? join(target.path, posix.basename(source.path)) : target.path;
      const { files, bytes, skipped } = await sandbox.files.download(source.path, path, { maxSize: options.maxSize.toString(), signal });
      const left = skipped.length === 0 ? '' : `; left out: ${skipped.slice(0, 10).map((name) => printable(name, { singleLine: true, limit: 200 })).join(', ')}${skipped.length > 10 ? ` and ${skipped.length - 10} more` : ''}`;
      context.reporter.result({ to: path, files, bytes, skipped }, () => `${path}: ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes${left}`);
    });
}

/** `STACK/SANDBOX:PATH`; anything else is a path of this machine. */
function sideOf(text: string): Side {
  const [, address, path] = /^([^/:]+\/[^/:]+):(.+)$/s.exec(text) ?? [];
  if (address === undefined || path === undefined || text.startsWith('.')) return { path: text };
  parseAddress(address);
  return { address, path };
}

/** Whether a copy goes into it, under the name that it had. */
async function isFolder(path: string, look: (path: string) => Promise<boolean>): Promise<boolean> {
  if (path.endsWith('/')) return true;
  return look(path).catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' || (SandformError.is(error) && error.details['reason'] === 'missing');
    if (isMissing) return false;
    throw error;
  });
}
