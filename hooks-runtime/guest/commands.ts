import type { Readable, Writable } from 'node:stream';
import type { DurationText, SizeText } from '../../lib/units';

/** A line for the guest's shell, or a program with its arguments, which no shell looks at. */
export type Command = string | readonly string[];

/** Size and kind of a pseudo-terminal. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** What `TERM` says inside. @default 'xterm-256color' */
  readonly term?: string;
}

export interface CommandOptions {
  /** After it the command is killed inside the guest. @default none */
  readonly timeout?: DurationText;
  /** Folder in the guest to run in. @default the home of the guest's user */
  readonly cwd?: string;
  /** Added to the environment that the guest gives. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads; its end is passed on. @default nothing, ended at once */
  readonly stdin?: string | Uint8Array | Readable;
  /** Kills the command inside the guest when aborted. */
  readonly signal?: AbortSignal;
  /** Kept per stream; what comes after is counted, not kept. @default '1MiB' */
  readonly maxOutput?: SizeText;
  /** Gets every chunk as it comes, also of what is not kept. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly onStderr?: (chunk: Uint8Array) => void;
}

export interface StartOptions extends Pick<CommandOptions, 'timeout' | 'cwd' | 'env' | 'signal'> {
  /** Runs the command on a pseudo-terminal; its stderr then comes on stdout. @default none */
  readonly pty?: Terminal;
}

/** How a command ended. */
export interface CommandEnd {
  /** As a shell would write it. */
  readonly command: string;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`; null where it exited. */
  readonly signal: string | null;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** How a command ended, and what it wrote. Text is UTF-8 with replacement characters for what is not. */
export interface CommandResult extends CommandEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Whether more was written than is kept. */
  readonly truncated: boolean;
}

/**
 * A command under way. Its output waits for the reader: who reads neither `stdout` nor `stderr` holds the command up.
 * Neither stream ever fails: `wait` tells what went wrong.
 */
export interface RunningCommand {
  readonly command: string;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Of the pseudo-terminal; without one it does nothing. */
  resize(columns: number, rows: number): void;
  /**
   * Sends a signal to the command's process group inside the guest. Does nothing if it has ended.
   * @param signal @default 'SIGTERM'
   * @throws SandformError `GUEST_UNREACHABLE`, `SANDBOX_GONE`
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Resolves when the command has ended and its output has been handed over. Of a command that leaves processes behind
   * which hold its output open, the output ends one second after its last piece.
   * @throws SandformError `COMMAND_TIMEOUT`, `COMMAND_LOST`, `SANDBOX_GONE`, `INTERRUPTED`
   */
  wait(): Promise<CommandEnd>;
}

/** Runs programs inside a guest. What they write is data: print it through `printable`. */
export interface Commands {
  /**
   * Runs a command to its end. Any exit code is a result, not an error; a folder that is not there ends with exit code 126.
   * @throws SandformError `COMMAND_TIMEOUT`, `COMMAND_LOST`, `SANDBOX_GONE`, `SANDBOX_OFF`, `GUEST_UNREACHABLE`, `GUEST_NO_CHANNEL`, `INTERRUPTED`
   */
  run(command: Command, options?: CommandOptions): Promise<CommandResult>;
  /**
   * Starts a command and hands over its streams.
   * @throws SandformError as `run`; `GUEST_NO_CHANNEL` where the guest's channel has no pseudo-terminals
   */
  start(command: Command, options?: StartOptions): Promise<RunningCommand>;
}
