import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of this package. */
export const VERSION: string = versionAbove(__dirname);

/** The sources and the compiled files lie at different depths below package.json. */
function versionAbove(folder: string): string {
  const file = join(folder, 'package.json');
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch (error) {
    if (folder === dirname(folder)) throw error;
    return versionAbove(dirname(folder));
  }
}
