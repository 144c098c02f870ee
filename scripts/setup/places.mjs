import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the project. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the logs of the set-up lie. */
export const LOGS = join(PROJECT, '.sandform', 'setup');

/** What can be made again is kept here: the same folder that the package uses. */
export function cacheFolder() {
  const { SANDFORM_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  return own || (shared ? join(shared, 'sandform') : join(homedir(), '.cache', 'sandform'));
}

/** PATH with the administrators' folders, which a plain user's often lacks. */
export function programFolders() {
  const folders = (process.env.PATH || '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(Boolean);
  return [...folders, ...['/usr/local/sbin', '/usr/sbin', '/sbin'].filter((folder) => !folders.includes(folder))];
}
