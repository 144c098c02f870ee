import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { SandformError, messageOf } from '../../lib/errors';
import { type CustomSource, type CustomImageSource, describeSource } from '../../lib/images';
import type { ClientContext, SourceClient } from './source-client';

type SourceConstructor = new (config: object) => CustomImageSource;

/**
 * A source of the project's own. It is loaded from a file of the project that is still the one which was declared, or from a package that the
 * project lists among its dependencies.
 * @throws SandformError `IMAGE_NOT_FOUND`
 */
export async function customClient(source: CustomSource, context: ClientContext): Promise<SourceClient> {
  const type = loaded(source, context);
  const instance = new type(source.config);
  const { project, signal } = context;
  return {
    resolve: () => instance.resolve({ project, signal }),
    read: (version, options) => instance.read(version, options),
  };
}

function loaded(source: CustomSource, { project, doing }: ClientContext): SourceConstructor {
  const no = (given: string, cause?: unknown): SandformError =>
    new SandformError('IMAGE_NOT_FOUND', { doing, given, expected: `a class '${source.from.export}' that extends CustomImageSource`, fix: 'install the package, or lock again from the project that declares the source', ...(cause === undefined ? {} : { cause }) });
  let module: unknown;
  try {
    module = 'file' in source.from ? fileModule(project, source.from, no) : packageModule(project, source.from.package, no);
  } catch (error) {
    throw SandformError.is(error) ? error : no(`${describeSource(source)}: ${messageOf(error)}`, error);
  }
  const { export: name } = source.from;
  const found: unknown = typeof module === 'object' && module !== null && Object.hasOwn(module, name) ? (module as Record<string, unknown>)[name] : undefined;
  if (typeof found !== 'function') throw no(`no export '${name}' in ${describeSource(source)}`);
  return found as SourceConstructor;
}

type Refusal = (given: string) => SandformError;

function fileModule(project: string, { file, digest }: { readonly file: string; readonly digest: string }, no: Refusal): unknown {
  const path = realpathSync(join(project, file));
  if (relative(realpathSync(project), path).startsWith('..')) throw no(`${file} lies outside the project`);
  if (createHash('sha256').update(readFileSync(path)).digest('hex') !== digest) throw no(`${file} is not the one that was declared`);
  // Resolved where it is needed: tsx costs time, and most sources are JavaScript by then.
  if (/\.[cm]?tsx?$/.test(path)) (createRequire(__filename)('tsx/cjs/api') as { register: () => unknown }).register();
  return createRequire(path)(path) as unknown;
}

function packageModule(project: string, name: string, no: Refusal): unknown {
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Record<string, Record<string, unknown> | undefined>;
  if (![dependencies, devDependencies, optionalDependencies].some((listed) => Object.hasOwn(listed, name))) throw no(`'${name}' is not among the dependencies of ${project}`);
  return createRequire(join(project, 'package.json'))(name) as unknown;
}
