import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A program of a job ended badly. */
export class ProgramFailed extends Error {
  /** @param {string} what @param {number} code @param {string} output the end of what it printed @param {string} [log] */
  constructor(what, code, output, log) {
    super(`${what} ended with ${code}`);
    this.code = code;
    this.output = output;
    this.log = log;
  }
}

/**
 * The programs that a job runs. SIGINT, SIGTERM and SIGHUP end those that run and keep further ones from beginning; what `cleanUp` starts is left to its end.
 */
export class ChildPrograms {
  /** @param {NodeJS.ProcessEnv} environment of the programs @param {string} cwd */
  constructor(environment, cwd) {
    this.environment = environment;
    this.cwd = cwd;
    /** @type {NodeJS.Signals | undefined} */
    this.interruptedBy = undefined;
    /** @type {Set<{ kill(signal: NodeJS.Signals): void }>} */
    this.running = new Set();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        this.interruptedBy ??= signal;
        for (const group of this.running) group.kill(signal);
      });
    }
  }

  /**
   * @param {string} program
   * @param {readonly string[]} args
   * @param {{ log?: string, cleanUp?: boolean, discardStdout?: boolean, timeoutMs?: number }} [options] with `log` it prints there
   *   instead of here; `cleanUp` is begun and left alone even when the job was interrupted
   * @returns {Promise<string>} the end of what it printed to the log
   * @throws ProgramFailed
   */
  async run(program, args, { log, cleanUp = false, discardStdout = false, timeoutMs = 600_000 } = {}) {
    if (this.interruptedBy && !cleanUp) throw new ProgramFailed(program, 130, `interrupted by ${this.interruptedBy}`);
    const { code, output } = await this.#outcome(program, args, { log, cleanUp, discardStdout, timeoutMs });
    if (code !== 0) throw new ProgramFailed([program, ...args].join(' '), code, output, log);
    return output;
  }

  #outcome(program, args, { log, cleanUp, discardStdout, timeoutMs }) {
    // A process group of its own keeps the terminal's Ctrl-C from what runs; it is told by us, once.
    const stdio = log ? ['ignore', 'pipe', 'pipe'] : ['ignore', discardStdout ? 'ignore' : 'inherit', 'inherit'];
    const child = spawn(program, args, { cwd: this.cwd, env: this.environment, stdio, detached: true });
    const group = { kill: (signal) => process.kill(-child.pid, signal) };
    if (!cleanUp) this.running.add(group);
    let output = '';
    if (log) {
      mkdirSync(dirname(log), { recursive: true });
      const file = createWriteStream(log);
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-6000);
          file.write(text);
        });
      }
      child.once('close', () => file.end());
    }
    const timer = setTimeout(() => group.kill('SIGKILL'), timeoutMs);
    return new Promise((resolve) => {
      const end = (code, said) => {
        clearTimeout(timer);
        this.running.delete(group);
        resolve({ code, output: said });
      };
      child.once('error', (error) => end(127, error.message));
      child.once('close', (code) => end(code ?? 137, output));
    });
  }
}
