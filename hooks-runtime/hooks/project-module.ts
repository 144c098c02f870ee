import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, relative, sep } from 'node:path';
import { SandformError } from '../../lib/errors';

const TYPESCRIPT = new Set(['.ts', '.cts', '.mts', '.tsx']);
const JAVASCRIPT = new Set(['.js', '.cjs', '.mjs']);

/**
 * Finds a file of the project for loading it, if it is still the one that was declared. Packages have their own way in (see
 * packageModule), so nothing below a node_modules folder or a hidden one is taken, nor what a symbolic link leads to outside.
 * @returns what loads the module
 * @throws SandformError `HOOK_NOT_FOUND`, `HOOK_CHANGED`
 */
export function projectModule(projectFolder: string, { file, digest }: { readonly file: string; readonly digest: string }, doing: string): () => unknown {
  const refuse = (given: string, expected: string, cause?: unknown): SandformError => new SandformError('HOOK_NOT_FOUND', { doing, given, expected, cause });
  const project = realpathSync(projectFolder);
  const path = realPathOf(join(project, file), (cause) => refuse(`no file ${join(project, file)}`, 'a file of the project', cause));
  const within = relative(project, path).split(sep);
  if (within.some((part) => part === '..' || part === '' || part === 'node_modules' || part.startsWith('.'))) {
    throw refuse(`${file}, which is ${path}`, `a file of the project in ${project} itself, not of a package and not hidden`);
  }
  const extension = extname(path);
  if (!TYPESCRIPT.has(extension) && !JAVASCRIPT.has(extension)) throw refuse(file, 'a TypeScript or JavaScript file');
  const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (actual !== digest) throw new SandformError('HOOK_CHANGED', { doing, given: `${file} with SHA-256 ${actual}`, expected: `SHA-256 ${digest}, as declared` });
  return () => (TYPESCRIPT.has(extension) ? typescript(path) : (createRequire(path)(path) as unknown));
}

function typescript(path: string): unknown {
  // Loaded late: it takes a while, and most hooks come compiled.
  const tsx = createRequire(__filename)('tsx/cjs/api') as { require(id: string, from: string): unknown };
  return tsx.require(path, path);
}

function realPathOf(path: string, refusal: (cause: unknown) => SandformError): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw refusal(error);
  }
}
