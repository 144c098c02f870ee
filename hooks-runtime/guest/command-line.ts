import { SandformError } from '../../lib/errors';
import type { Command } from './commands';
import { shellQuote } from './shell-quote';

/** What a Linux guest takes as one argument of a program, bytes, with room for what is put around it. */
const LONGEST_LINE = 120 * 2 ** 10;

/** A command as a shell would write it: what records and messages show. */
export function commandText(command: Command): string {
  return typeof command === 'string' ? command : command.map(shellQuote).join(' ');
}

/**
 * What a POSIX shell of the guest has to run: a folder to go to and an environment to set, then the command itself. A folder
 * that is not there ends it with code 126, as a program that can't be run does.
 * @throws SandformError `USAGE` for what no guest could run
 */
export function commandScript(command: Command, { cwd, env = {} }: { readonly cwd?: string | undefined; readonly env?: Readonly<Record<string, string>> | undefined }): string {
  const variables = Object.entries(env);
  const lines = [
    ...(cwd === undefined ? [] : [`cd ${shellQuote(cwd.startsWith('-') ? `./${cwd}` : cwd)} || exit 126`]),
    ...(variables.length === 0 ? [] : [`export ${variables.map(([name, value]) => `${name}=${shellQuote(value)}`).join(' ')}`]),
    typeof command === 'string' ? command : `exec ${commandText(command)}`,
  ];
  const script = lines.join('\n');
  const mistake = mistakeIn(command, variables, script);
  if (mistake) throw new SandformError('USAGE', { doing: 'reading a command', ...mistake });
  return script;
}

function mistakeIn(command: Command, variables: [string, string][], script: string): { given: string; expected: string; fix?: string } | undefined {
  const badName = variables.map(([name]) => name).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (badName !== undefined) return { given: badName, expected: 'a name of an environment variable: letters, digits and `_`, not beginning with a digit' };
  if (command.length === 0 || command[0] === '') return { given: 'nothing', expected: 'a shell line, or a program with its arguments' };
  if (script.includes('\0')) return { given: 'a zero byte', expected: 'text without zero bytes' };
  const length = Buffer.byteLength(script);
  if (length > LONGEST_LINE) return { given: `${length} bytes`, expected: `at most ${LONGEST_LINE} bytes`, fix: 'write a script into the guest and run that' };
  return undefined;
}
