import { readFileSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { type ErrorCode, type HookReference, SandformError, messageOf } from '../lib';
import { fileDigest } from './file-digest';
import { folderWith, projectFolder } from './project';

/**
 * Names a class of code for whoever loads it again: by package where it comes from one, else by a file of the project.
 * @param code of the error where that is impossible
 */
export function codeOrigin({ source, export: exported }: { readonly source: string; readonly export: string }, code: ErrorCode, doing: string): HookReference['from'] {
  const given = source || 'a class without a source';
  if (typeof source !== 'string' || !isAbsolute(source) || !/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(exported)) throw new SandformError(code, { doing, given });
  const packaged = packageOf(source);
  if (packaged !== undefined) return { package: packaged, export: exported };
  const file = relative(projectFolder(), source).split(sep).join('/');
  if (file.startsWith('../') || isAbsolute(file)) {
    throw new SandformError(code, { doing, given, expected: `a file of the project in ${projectFolder()}, or of a package in its node_modules` });
  }
  try {
    return { file, digest: fileDigest(source), export: exported };
  } catch (cause) {
    throw new SandformError(code, { doing, given, expected: 'a file that can be read', cause: messageOf(cause) });
  }
}

/** The package that a module lies in, as it is imported; Sandform's own hooks have an entry point of their own. */
function packageOf(source: string): string | undefined {
  const own = relative(ownFolder(), source).split(sep).join('/');
  if (/^(dist\/)?hooks-runtime\/hooks\//.test(own)) return 'sandform/hooks';
  const inside = source.split(`${sep}node_modules${sep}`).slice(1).at(-1);
  return inside?.split(sep).slice(0, inside.startsWith('@') ? 2 : 1).join('/');
}

/** Where this package lies, whether it runs from its sources or compiled. */
function ownFolder(): string {
  const isOwn = (folder: string) => (JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { name?: unknown }).name === 'sandform';
  const nearest = folderWith('package.json', __dirname);
  return nearest !== undefined && isOwn(nearest) ? nearest : __dirname;
}

