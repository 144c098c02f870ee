import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SandformError } from '../../lib/errors';
import { packageFolder } from '../host';

/** What stands for `{{name}}` in a template, by that name. */
export type Values = Readonly<Record<string, string>>;

/** A file that is to be written, and the template that it comes from. */
export interface ScaffoldFile {
  readonly template: string;
  readonly target: string;
}

/** The files of a folder of templates, with their places below a target. */
export function templatesIn(name: string, target: string): ScaffoldFile[] {
  const root = join(packageFolder(), 'templates', name);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const template = join(entry.parentPath, entry.name);
    // npm would leave out a file by its real name.
    return { template, target: join(target, relative(root, template)).replace(/(^|\/)gitignore$/, '$1.gitignore') };
  });
}

/** One template. */
export function template(name: string, target: string): ScaffoldFile {
  return { template: join(packageFolder(), 'templates', name), target };
}

/**
 * Writes files from templates, all or none: one that is there already is never touched.
 * @returns their paths, in order
 * @throws SandformError `FILE_EXISTS`
 */
export function scaffold(files: readonly ScaffoldFile[], values: Values, doing: string): string[] {
  const there = files.filter(({ target }) => existsSync(target)).map(({ target }) => target);
  if (there.length > 0) throw new SandformError('FILE_EXISTS', { doing, given: there.join(', ') });
  for (const { template: source, target } of files) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source, 'utf8').replace(/\{\{(\w+)\}\}/g, (text, name: string) => values[name] ?? text));
  }
  return files.map(({ target }) => target).sort();
}
