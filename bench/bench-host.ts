import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { HostInstance, toolEnvironment } from '../hooks-runtime/host';

const execute = promisify(execFile);
const PROJECT = resolve(__dirname, '..');

/** A libvirt of the benchmarks' own and a project that stands on the built package. Both are gone at the end. */
export class BenchHost implements AsyncDisposable {
  private constructor(
    readonly instance: HostInstance,
    readonly folder: string,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async create(): Promise<BenchHost> {
    const instance = await HostInstance.up({ name: 'bench' });
    const folder = mkdtempSync(join(tmpdir(), 'sandform-bench-'));
    cpSync(join(__dirname, 'app'), folder, { recursive: true });
    writeFileSync(join(folder, 'cdktf.json'), JSON.stringify({ language: 'typescript', app: 'node --import tsx main.ts', sendCrashReports: 'false' }));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'sandform-bench', private: true }));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(PROJECT, join(folder, 'node_modules', 'sandform'));
    for (const name of ['cdktf', 'constructs', 'tsx']) symlinkSync(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
    const { variables } = await toolEnvironment();
    const environment = {
      ...process.env,
      ...variables,
      LIBVIRT_DEFAULT_URI: instance.uri,
      SANDFORM_PROVIDER: '0.8',
      PATH: `${join(PROJECT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
      SANDFORM_RUNS: join(folder, 'runs'),
      CI: 'true',
    };
    return new BenchHost(instance, folder, environment);
  }

  /** Runs a program to its end and gives what it printed. Ten minutes at most. */
  async run(program: string, words: readonly string[], cwd = this.folder): Promise<string> {
    const { stdout } = await execute(program, [...words], { cwd, env: this.environment, timeout: 600_000, maxBuffer: 64 * 2 ** 20 });
    return stdout;
  }

  /** Seconds from starting a program to when it has printed a text; waits for its end, which must be a good one. */
  async secondsToOutput(program: string, words: readonly string[], text: string): Promise<number> {
    const start = performance.now();
    const child = spawn(program, [...words], { cwd: this.folder, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
    let [printed, errors, seconds] = ['', '', NaN];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (Number.isNaN(seconds) && printed.includes(text)) seconds = (performance.now() - start) / 1000;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0 || Number.isNaN(seconds)) throw new Error(`${program} ${words.join(' ')} ended with ${code} and printed\n${printed}${errors}`);
    return seconds;
  }

  deploy(stack: string): Promise<string> {
    return this.run('cdktf', ['deploy', stack, '--auto-approve']);
  }

  destroy(stack: string): Promise<string> {
    return this.run('cdktf', ['destroy', stack, '--auto-approve']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.instance.down({ purge: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
