import { join } from 'node:path';
import { Command } from 'commander';
import { SandformError } from '../../../lib/errors';
import { type CommandContext, jsonOption } from '../command-context';
import { scaffold, template } from '../scaffold';

export function hookCommand(context: CommandContext): Command {
  const hook = new Command('hook').description('hooks of your own');
  hook
    .command('new')
    .description('write a hook with a schema of its configuration, and its test')
    .argument('<name>', 'e.g. keep-passwd')
    .option('--folder <folder>', 'where to', 'hooks')
    .addOption(jsonOption())
    .action((name: string, { folder }: { folder: string }) => {
      const kebab = name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
      const doing = `writing the hook '${name}'`;
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kebab) || kebab.length > 40) {
        throw new SandformError('NAME_INVALID', { doing, given: name, expected: 'words of letters and digits, such as keep-passwd or KeepPasswd, at most 40 characters' });
      }
      const className = kebab.split('-').map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`).join('');
      const written = scaffold([template('hook/hook.ts', join(folder, `${kebab}.ts`)), template('hook/hook.test.ts', join(folder, `${kebab}.test.ts`))], { Name: className, kebab }, doing);
      context.reporter.result({ name: className, files: written }, () => `${written.join('\n')}\n\nNow: victim.addHook(new ${className}()) in your stack`);
    });
  return hook;
}
