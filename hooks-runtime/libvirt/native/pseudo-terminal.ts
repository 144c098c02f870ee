import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './library';

/** A pseudo-terminal of this machine: both of its ends as open files, which whoever asked for it closes. */
export interface PseudoTerminal {
  /** The end of the program that shows it. */
  readonly controller: number;
  /** The end of the program that runs on it. */
  readonly terminal: number;
  resize(columns: number, rows: number): void;
}

/**
 * Opens one. Here, because this room is the only one that calls native code, and Node has no call for it.
 * Sources: pts(4), ioctl_tty(2).
 */
export function openPseudoTerminal({ columns, rows }: { readonly columns: number; readonly rows: number }): PseudoTerminal {
  const controller = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  try {
    const name = Buffer.alloc(64);
    if (libc.unlockpt(controller) !== 0 || libc.ptsname_r(controller, name, name.length) !== 0) throw new Error('the kernel gives no pseudo-terminal');
    const resize = (width: number, height: number) => {
      libc.ioctl(controller, TIOCSWINSZ, Buffer.from(new Uint16Array([height, width, 0, 0]).buffer));
    };
    resize(columns, rows);
    return { controller, terminal: openSync(name.toString('latin1', 0, name.indexOf(0)), constants.O_RDWR | constants.O_NOCTTY), resize };
  } catch (error) {
    closeSync(controller);
    throw error;
  }
}

const TIOCSWINSZ = 0x5414;
