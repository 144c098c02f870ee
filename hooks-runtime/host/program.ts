import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a program that ran to its end said. */
export interface ProgramResult {
  /** Exit code; -1 when a signal or the time limit ended it, or it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** @default this process's, with {@link systemPath} */
  readonly env?: NodeJS.ProcessEnv;
  /** After that the program is killed. */
  readonly timeoutMs: number;
}

/** Runs a program, never through a shell. Never throws: whether a failure matters is the caller's to say. */
export function runProgram(file: string, args: readonly string[], { cwd, env = { ...process.env, PATH: systemPath() }, timeoutMs }: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}

/** Folders of administrators' programs, which a plain user's PATH often lacks. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** PATH with the administrators' folders in it. */
export function systemPath(): string {
  const folders = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter(Boolean);
  return [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter);
}

/** Where a program lies, or undefined when it isn't installed. */
export function findProgram(name: string): string | undefined {
  return systemPath().split(delimiter).map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
