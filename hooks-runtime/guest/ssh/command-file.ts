import { randomBytes } from 'node:crypto';

/** Made by the guest program, for root alone. */
const FOLDER = '/run/sandform/commands';

/**
 * Where a command notes its process id inside the guest, so that it can be killed: OpenSSH refuses to signal commands of root.
 * The places are used again and again, so each use has a token of its own.
 */
export class CommandFile {
  private readonly path: string;
  private readonly token = randomBytes(8).toString('hex');

  constructor(slot: number) {
    this.path = `${FOLDER}/${slot}`;
  }

  /** The script, preceded by the note. Where the guest has no place for it, the command runs all the same. */
  around(script: string): string {
    return `{ echo ${this.token} $$ >${this.path}; } 2>/dev/null\n${script}`;
  }

  /**
   * Sends a signal to the command's process group; `SIGKILL` also to the rest of its session (jobs of an interactive shell).
   * Exit code 3 if the command has not come to note its id within two seconds.
   */
  killScript(signal: string): string {
    const name = signal.replace(/^SIG/, '');
    return [
      `tries=0`,
      `until { read -r token pid <${this.path}; } 2>/dev/null && [ "$token" = ${this.token} ]; do`,
      `  tries=$((tries + 1)); [ $tries -lt 20 ] || exit 3; sleep 0.1`,
      `done`,
      `kill -${name} -$pid 2>/dev/null`,
      ...(name === 'KILL' ? KILL_SESSION : []),
      `exit 0`,
    ].join('\n');
  }
}

/** A few passes, as members may fork while they are looked for. In /proc/PID/stat, state and session follow the name in brackets. */
const KILL_SESSION = [
  `for pass in 1 2 3 4 5; do`,
  `  found=`,
  `  for process in /proc/[0-9]*; do`,
  `    { read -r line <$process/stat; } 2>/dev/null || continue`,
  `    set -- \${line##*) }`,
  `    [ "$4" = "$pid" ] && [ "$1" != Z ] && kill -KILL \${process#/proc/} 2>/dev/null && found=1`,
  `  done`,
  `  [ "$found" ] || break`,
  `done`,
];
