import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { SandformError } from '../../../lib/errors';
import { isName } from '../../../lib/naming';
import { packageFolder } from '../../host';
import { type CommandContext, jsonOption } from '../command-context';
import { type Values, scaffold, template, templatesIn } from '../scaffold';

/** Where each CI looks for its jobs. */
const CI_FILES = { github: '.github/workflows/sandboxes.yml', gitlab: '.gitlab-ci.yml' } as const;

export function initCommand(context: CommandContext): Command {
  return new Command('init')
    .description('begin a project: a stack with a sandbox, its tests, and a CI job that deploys, runs and destroys it')
    .argument('[folder]', 'made if it is not there', '.')
    .option('--stack <name>', 'name of the stack', 'lab')
    .addOption(new Option('--ci <system>', 'whose job to write').choices(Object.keys(CI_FILES)).default('github'))
    .addOption(jsonOption())
    .action((folder: string, { stack, ci }: { stack: string; ci: keyof typeof CI_FILES }) => {
      const target = resolve(folder);
      const doing = `beginning a project in ${target}`;
      const name = basename(target).toLowerCase();
      for (const [what, given] of [['name of the folder', name], ['--stack', stack]] as const) {
        if (!isName(given)) throw new SandformError('NAME_INVALID', { doing: `${doing}: ${what}`, given });
      }
      const files = [...templatesIn('project', target), template(`ci/${ci}.yml`, join(target, CI_FILES[ci]))];
      const written = scaffold(files, { name, stack, ...versions() }, doing);
      context.reporter.result({ folder: target, files: written }, () => `${written.join('\n')}\n\nNow: cd ${folder} && npm install && npm test`);
    });
}

/** The versions that this Sandform itself is tested with. */
function versions(): Values {
  const { version, dependencies, devDependencies } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string; dependencies: Values; devDependencies: Values };
  const all: Values = { ...devDependencies, ...dependencies };
  const names = { cdktf: 'cdktf', cdktfCli: 'cdktf-cli', constructs: 'constructs', swc: '@swc/core', swcJest: '@swc/jest', typesJest: '@types/jest', typesNode: '@types/node', jest: 'jest', tsx: 'tsx', typescript: 'typescript' };
  return { sandform: `^${version}`, ...Object.fromEntries(Object.entries(names).map(([key, name]) => [key, `${name === 'constructs' ? '~' : '^'}${all[name] ?? ''}`])) };
}
