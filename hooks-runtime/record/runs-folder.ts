import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Where run records are kept: the folder that SANDFORM_RUNS names, else `.sandform/runs` under the nearest folder upwards that
 * holds a cdktf.json, else under the working directory. It need not exist.
 */
export function runsFolder(environment: NodeJS.ProcessEnv = process.env, workingDirectory: string = process.cwd()): string {
  const named = environment['SANDFORM_RUNS'];
  if (named !== undefined && named !== '') return resolve(workingDirectory, named);
  return join(projectFolder(workingDirectory), '.sandform', 'runs');
}

/** The nearest folder upwards that holds a cdktf.json, else the folder itself. */
export function projectFolder(from: string = process.cwd()): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cdktf.json'))) return folder;
    if (folder === dirname(folder)) return resolve(from);
  }
}
