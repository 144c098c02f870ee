import { randomBytes } from 'node:crypto';
import { signalScript } from '../signal-script';

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

  /** Sends a signal to the command. Exit code 3 if it has not come to note its id within two seconds. */
  killScript(signal: string): string {
    return [
      'tries=0',
      `until { read -r token pid <${this.path}; } 2>/dev/null && [ "$token" = ${this.token} ]; do`,
      '  tries=$((tries + 1)); [ $tries -lt 20 ] || exit 3; sleep 0.1',
      'done',
      signalScript(signal, '$pid'),
    ].join('\n');
  }
}
