import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { type CommandContext, jsonOption } from '../command-context';
import { EXIT } from '../exit-codes';

interface HostOptions {
  readonly name: string;
}

const DEFAULT_NAME = 'default';

export function hostCommand(context: CommandContext): Command {
  const host = new Command('host').description("a libvirt of our own: root's in its own namespaces, for machines where none runs; for others their own, without root");
  const subcommand = (name: string, description: string): Command =>
    host.command(name).description(description).option('--name <name>', 'which one, where root has several', DEFAULT_NAME).addOption(jsonOption());

  subcommand('up', 'start it').action(async ({ name }: HostOptions) => {
    const { HostInstance, startSession } = await import('../../host');
    const end = context.reporter.step(`starting libvirt '${name}'`);
    const { uri } = isOwn(name) ? await startSession() : await HostInstance.up({ name });
    end();
    context.reporter.result({ name, uri }, () => `export LIBVIRT_DEFAULT_URI='${uri}'`);
  });

  subcommand('down', "stop root's with every guest in it, or your own when no guest runs; definitions and images stay")
    .option('--purge', "remove root's definitions and images as well")
    .action(async ({ name, purge }: HostOptions & { purge?: boolean }) => {
      const { HostInstance, stopSession } = await import('../../host');
      if (isOwn(name)) {
        if (purge === true) throw new SandformError('USAGE', { doing: 'stopping your own libvirt', given: '--purge', expected: 'no --purge: what your own libvirt keeps may be of others than Sandform', fix: 'run `sandform reap --all` before you stop it' });
        const ran = await stopSession();
        context.reporter.result({ name, was: ran ? 'up' : 'down' }, () => (ran ? 'stopped your own libvirt' : 'your own libvirt was not running'));
        return;
      }
      const { condition } = await HostInstance.status(name);
      await HostInstance.down(name, { purge: purge === true });
      context.reporter.result({ name, was: condition }, () => (condition === 'down' ? `'${name}' was not running` : `stopped '${name}'`));
    });

  subcommand('status', 'tell whether it runs').action(async ({ name }: HostOptions) => {
    const { HostInstance, sessionDaemon } = await import('../../host');
    const { condition, uri } = isOwn(name) ? conditionOf(await sessionDaemon()) : await HostInstance.status(name).then((status) => ({ condition: status.condition, uri: status.instance?.uri }));
    context.reporter.result({ name, condition, uri: uri ?? null }, () => [`${name}: ${condition}`, ...(uri === undefined ? [] : [uri])].join('\n'));
    if (condition !== 'up') context.end(EXIT.notWell);
  });
  return host;
}

/** Whether the user's own libvirt is meant: only root can have others. */
function isOwn(name: string): boolean {
  return name === DEFAULT_NAME && process.geteuid?.() !== 0;
}

function conditionOf({ isUp, uri }: { readonly isUp: boolean; readonly uri: string }) {
  return { condition: isUp ? 'up' : 'down', uri: isUp ? uri : undefined };
}
