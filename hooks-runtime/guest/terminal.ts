import type { Readable, Writable } from 'node:stream';
import type { CommandEnd, RunningCommand } from './commands';

/** The parts of `process.stdin` and `process.stdout` that a session needs. */
export interface TerminalStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
}

export interface AttachOptions extends TerminalStreams {
  /** Leaves the session, with the command still running. */
  readonly signal?: AbortSignal;
  /** Typed at the beginning of a line, leaves the session as with ssh. @default '~.' */
  readonly detachKeys?: string;
}

/**
 * Gives the user's terminal to a command that runs on a pseudo-terminal, until it ends or the user leaves (`~.` at the
 * beginning of a line). The terminal is put back as it was, whatever happens.
 *
 * The guest's output reaches the terminal as it is: that is what a session is for, and it means that the guest may move
 * the cursor, set the title and change colours. Use a terminal that does nothing more on command.
 *
 * @returns how the command ended, or undefined where the user left
 * @throws SandformError as {@link RunningCommand.wait}
 */
export async function attachTerminal(running: RunningCommand, { stdin, stdout, signal, detachKeys = '~.' }: AttachOptions): Promise<CommandEnd | undefined> {
  const raw = stdin.isTTY === true && stdin.setRawMode !== undefined;
  const watcher = new DetachWatcher(detachKeys);
  let leave: (left: undefined) => void = () => undefined;
  const left = new Promise<undefined>((resolve) => (leave = resolve));

  const onInput = (chunk: Buffer) => {
    const { pass, detach } = raw ? watcher.look(chunk) : { pass: chunk, detach: false };
    if (pass.length > 0 && !running.stdin.write(pass)) stdin.pause();
    if (detach) leave(undefined);
  };
  const onDrain = () => stdin.resume();
  const onInputEnd = () => running.stdin.end();
  const onResize = () => running.resize(stdout.columns ?? 80, stdout.rows ?? 24);
  const onAbort = () => leave(undefined);
  // Without this, a kill of this program would leave the user with a terminal that echoes nothing
  const restore = () => void (raw && stdin.setRawMode?.(false));

  process.once('exit', restore);
  if (raw) stdin.setRawMode?.(true);
  running.stdin.on('drain', onDrain);
  stdin.on('data', onInput).once('end', onInputEnd);
  stdout.on('resize', onResize);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  running.stdout.pipe(stdout, { end: false });
  onResize();
  try {
    return await Promise.race([running.wait(), left]);
  } finally {
    running.stdout.unpipe(stdout);
    running.stdin.off('drain', onDrain);
    stdin.off('data', onInput).off('end', onInputEnd).pause();
    stdout.off('resize', onResize);
    signal?.removeEventListener('abort', onAbort);
    restore();
    process.off('exit', restore);
  }
}

/** Finds the keys that leave a session, where they are typed at the beginning of a line. */
class DetachWatcher {
  private matched = 0;
  private lineStart = true;

  constructor(private readonly keys: string) {}

  /** What to pass on of a chunk, and whether the keys were in it. Keys that turn out to be none are passed on late. */
  look(chunk: Buffer): { pass: Buffer; detach: boolean } {
    const pass: number[] = [];
    for (const byte of chunk) {
      if ((this.matched > 0 || this.lineStart) && byte === this.keys.charCodeAt(this.matched)) {
        this.matched += 1;
        if (this.matched === this.keys.length) return { pass: Buffer.from(pass), detach: true };
        continue;
      }
      pass.push(...Buffer.from(this.keys.slice(0, this.matched)), byte);
      this.matched = 0;
      this.lineStart = byte === 0x0d || byte === 0x0a;
    }
    return { pass: Buffer.from(pass), detach: false };
  }
}
