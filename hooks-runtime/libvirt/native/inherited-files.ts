import { readdirSync } from 'node:fs';
import { libc } from './library';

/**
 * Keeps files that whoever started this program left open from those that it starts: Node closes its own alone. Streams that a program is given
 * stay. Source: fcntl(2).
 */
export function keepFilesToOneself(): void {
  for (const name of readdirSync('/proc/self/fd')) if (Number(name) > 2) libc.fcntl(Number(name), F_SETFD, FD_CLOEXEC);
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;
