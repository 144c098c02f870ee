import { InvalidArgumentError, Option } from 'commander';
import { SandformError } from '../../lib/errors';
import { Duration, Size } from '../../lib/units';
import type { Reporter } from './reporter';

/** What every command gets. */
export interface CommandContext {
  readonly reporter: Reporter;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets the exit code of a command that ran to its end. */
  readonly end: (exitCode: number) => void;
}

/** `--json`, the same everywhere. main has looked at it before. */
export const jsonOption = (): Option => new Option('--json', 'print the result as one JSON document');

/** `--uri URI`, the same everywhere. */
export const uriOption = (): Option => new Option('--uri <uri>', "libvirt's URI (default: LIBVIRT_DEFAULT_URI, else a libvirt of `sandform host up`, else qemu:///system)");

/** An option's duration such as `30s`; zero is none. */
export function durationArgument(text: string): Duration {
  try {
    return Duration.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(SandformError.is(error) ? error.expected : 'not a duration');
  }
}

/** An option's size such as `64MiB`. */
export function sizeArgument(text: string): Size {
  try {
    return Size.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(SandformError.is(error) ? error.expected : 'not a size');
  }
}

/** A TCP port; 0 is any that is free. */
export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65535)) throw new InvalidArgumentError('write a number from 0 to 65535');
  return port;
}

/** Collects `KEY=VALUE` options. */
export function pairArgument(text: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write KEY=VALUE');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}
