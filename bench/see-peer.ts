import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../lib';

const run = promisify(execFile);
const RELEASE = '1.3.7';

/** python-see, the predecessor, in a Python environment of its own in the cache folder. */
export class SeePeer {
  private constructor(readonly python: string) {}

  /** Installs it once. Needs python3-venv, python3-libvirt and python3-boto3 from Debian. */
  static async install(): Promise<SeePeer> {
    const folder = join(cacheFolder(process.env), 'bench', `python-see-${RELEASE}`);
    const python = join(folder, 'bin', 'python');
    if (!existsSync(join(folder, 'ready'))) {
      await run('/usr/bin/python3', ['-m', 'venv', '--clear', '--system-site-packages', folder], { timeout: 120_000 });
      await run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', `python-see==${RELEASE}`], { timeout: 300_000 });
      await run('touch', [join(folder, 'ready')]);
    }
    await run(python, ['-c', 'import see, libvirt, boto3']);
    return new SeePeer(python);
  }

  /** Where one of the scripts in bench/see lies. */
  script(name: string): string {
    return join(__dirname, 'see', name);
  }

  /** Runs one of the scripts in bench/see, which print one number a line. */
  async numbers(script: string, words: readonly (string | number)[]): Promise<number[]> {
    const { stdout } = await run(this.python, [this.script(script), ...words.map(String)], { timeout: 600_000 });
    return stdout.trim().split('\n').map(Number);
  }
}
