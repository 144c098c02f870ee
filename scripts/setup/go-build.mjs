import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT } from './places.mjs';
import { runProgram } from './run-program.mjs';
import { StepFailure } from './steps.mjs';

/**
 * Builds a program from a Go module. Which module, at which version and with which checksums of everything it is made
 * from, is written in go.mod and go.sum of scripts/toolchain/NAME. The program is there whole or not at all.
 *
 * @param {{ name: string, module: string, program: string, log: string, flags?: readonly string[] }} what
 */
export async function goBuild({ name, module, program, log, flags = [] }) {
  mkdirSync(dirname(program), { recursive: true });
  const part = mkdtempSync(join(dirname(program), '.part-'));
  try {
    const args = ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', ...flags, '-p', String(cpus().length), '-o', join(part, 'program'), module];
    const { code, output } = await runProgram('go', args, { cwd: join(PROJECT, 'scripts', 'toolchain', name), log, timeoutMs: 1_800_000 });
    if (code !== 0) throw new StepFailure(`go build of ${module} ended with ${code}`, output, log);
    renameSync(join(part, 'program'), program);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
