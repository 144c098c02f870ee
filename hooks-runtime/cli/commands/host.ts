import { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context';
import { EXIT } from '../exit-codes';

interface HostOptions {
  readonly name: string;
}

export function hostCommand(context: CommandContext): Command {
  const host = new Command('host').description('a libvirt of our own, in its own namespaces, for machines where none runs');
  const subcommand = (name: string, description: string): Command =>
    host.command(name).description(description).option('--name <name>', 'which one, where there are several', 'default').addOption(jsonOption());

  subcommand('up', 'start it').action(async ({ name }: HostOptions) => {
    const { HostInstance } = await import('../../host');
    const end = context.reporter.step(`starting libvirt '${name}'`);
    const { uri } = await HostInstance.up({ name });
    end();
    context.reporter.result({ name, uri }, () => `export LIBVIRT_DEFAULT_URI='${uri}'`);
  });

  subcommand('down', 'stop it, with every guest in it; its definitions and images stay')
    .option('--purge', 'remove its definitions and images as well')
    .action(async ({ name, purge }: HostOptions & { purge?: boolean }) => {
      const { HostInstance } = await import('../../host');
      const { condition } = await HostInstance.status(name);
      await HostInstance.down(name, { purge: purge === true });
      context.reporter.result({ name, was: condition }, () => (condition === 'down' ? `'${name}' was not running` : `stopped '${name}'`));
    });

  subcommand('status', 'tell whether it runs').action(async ({ name }: HostOptions) => {
    const { HostInstance } = await import('../../host');
    const { condition, instance } = await HostInstance.status(name);
    context.reporter.result({ name, condition, uri: instance?.uri ?? null }, () => [`${name}: ${condition}`, ...(instance ? [instance.uri] : [])].join('\n'));
    if (condition !== 'up') context.end(EXIT.notWell);
  });
  return host;
}
