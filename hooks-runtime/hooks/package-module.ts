import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { SandformError } from '../../lib/errors';
import { Commands } from './commands';
import { DiskCheckpoint } from './disk-checkpoint';
import { MemoryDump } from './memory-dump';
import { NetworkTrace } from './network-trace';
import { Screenshots } from './screenshots';
import { SeeAgent } from './see-agent';
import { SeeProtocol } from './see-protocol';
import { Timers } from './timers';
import { WaitForGuest } from './wait-for-guest';

interface PackageFile {
  readonly name?: unknown;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, unknown>>;
}

/**
 * Finds a module of a package for loading it. Loading a module runs it, so not any will do: the project must list the package
 * among its dependencies, and the package must list this one, as packages of hooks do. A path within a package counts only if
 * the package exports it.
 * @returns what loads the module
 * @throws SandformError `HOOK_NOT_FOUND`
 */
export function packageModule(projectFolder: string, specifier: string, doing: string): () => unknown {
  if (specifier === 'sandform/hooks') return () => OWN;
  const refuse = (given: string, expected: string, cause?: unknown): SandformError => new SandformError('HOOK_NOT_FOUND', { doing, given, expected, cause });
  const { name, path } = partsOf(specifier);
  if (name === 'sandform' || path.some((part) => part === '' || part === '.' || part === '..')) throw refuse(specifier, "'sandform/hooks', or a module that a package exports");

  const project = packageFile(projectFolder);
  if (project === undefined || !dependsOn(project, name)) throw refuse(`'${name}' is not among the dependencies of ${join(projectFolder, 'package.json')}`, 'a package that the project depends on');

  const require = createRequire(join(projectFolder, 'package.json'));
  const file = resolved(require, specifier, (cause) => refuse(`'${specifier}' can't be found from ${projectFolder}`, 'an installed package', cause));
  const owner = isAbsolute(file) ? packageAbove(dirname(file), name) : undefined;
  if (owner === undefined || !dependsOn(owner, 'sandform')) throw refuse(`the package '${name}' doesn't depend on sandform`, 'a package of hooks, which lists sandform among its dependencies or peer dependencies');
  if (path.length > 0 && owner.exports === undefined) throw refuse(`'${specifier}' is a file that the package doesn't export`, 'a module that the package exports');
  return () => require(file) as unknown;
}

/** This package's own hooks, whatever copy of it the project would find. */
const OWN = { Commands, DiskCheckpoint, MemoryDump, NetworkTrace, Screenshots, SeeAgent, SeeProtocol, Timers, WaitForGuest };

function partsOf(specifier: string): { name: string; path: string[] } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return { name: parts.slice(0, length).join('/'), path: parts.slice(length) };
}

function resolved(require: NodeJS.Require, specifier: string, refusal: (cause: unknown) => SandformError): string {
  try {
    return require.resolve(specifier);
  } catch (error) {
    throw refusal(error);
  }
}

function dependsOn({ dependencies, devDependencies, optionalDependencies, peerDependencies }: PackageFile, name: string): boolean {
  return [dependencies, devDependencies, optionalDependencies, peerDependencies].some((listed) => typeof listed === 'object' && Object.hasOwn(listed, name));
}

/** The package file of this name in the folder or the nearest above it. */
function packageAbove(folder: string, name: string): PackageFile | undefined {
  const found = packageFile(folder);
  if (found?.name === name) return found;
  return folder === dirname(folder) ? undefined : packageAbove(dirname(folder), name);
}

/** Undefined where there is none, or it is no JSON. */
function packageFile(folder: string): PackageFile | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}
