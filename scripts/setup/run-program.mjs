import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programFolders } from './places.mjs';

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ log?: string, cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options] with `log`, what it prints is
 *   appended to that file instead of being shown
 * @returns {Promise<{ code: number, output: string }>} code -1 when a signal or the time limit ended it, or it could not be
 *   started; the end of what it printed, where that was not shown
 */
export function runProgram(program, args, { log, cwd, env, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, PATH: programFolders().join(':'), ...env },
      stdio: log ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    if (log) {
      mkdirSync(dirname(log), { recursive: true });
      const file = createWriteStream(log, { flags: 'a' });
      file.write(`$ ${[program, ...args].join(' ')}\n`);
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-4000);
          file.write(text);
        });
      }
      child.once('close', () => file.end());
    }
    child.once('error', (error) => resolve({ code: -1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Where a program lies, or undefined when it isn't installed. @param {string} name */
export function findProgram(name) {
  return programFolders().map((folder) => join(folder, name)).find((path) => existsSync(path));
}
