import { Command } from 'commander';
import { refuseOldNode } from '../../lib/node-version';
import type { CommandContext } from './command-context';
import { completeCommand, completionCommand } from './commands/completion';
import { cpCommand } from './commands/cp';
import { doctorCommand } from './commands/doctor';
import { envCommand } from './commands/env';
import { eventsCommand } from './commands/events';
import { execCommand } from './commands/exec';
import { forwardCommand } from './commands/forward';
import { guestCommand } from './commands/guest';
import { hookCommand } from './commands/hook';
import { hostCommand } from './commands/host';
import { fetchImageCommand, imagesCommand } from './commands/images';
import { initCommand } from './commands/init';
import { logsCommand } from './commands/logs';
import { psCommand } from './commands/ps';
import { reapCommand } from './commands/reap';
import { reportCommand } from './commands/report';
import { runCommand } from './commands/run';
import { screenCommand } from './commands/screen';
import { seeCommand } from './commands/see';
import { shellCommand } from './commands/shell';
import { VERSION } from './version';

const COMMANDS = [
  ...[runCommand, execCommand, shellCommand, cpCommand, screenCommand, logsCommand, forwardCommand],
  ...[psCommand, eventsCommand, reportCommand, reapCommand],
  seeCommand,
  ...[initCommand, hookCommand, doctorCommand, hostCommand, guestCommand, imagesCommand, envCommand, completionCommand],
];

const EXIT_CODES = `
Exit codes:
  0    done
  1    done, and what was looked at is not well (a failed run, a problem, something left)
  2    the command line or a declaration is wrong
  125  Sandform could not do it
  130  interrupted (Ctrl-C); 143 terminated
  exec, shell and run -- CMD end with the command's own code, or 128 + N where signal N ended it.`;

/** The command line of Sandform, ready to parse. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('sandform')
    .description('Sandboxes as code on plain libvirt: run what you do not trust, see what it did, throw the machine away.')
    .version(VERSION)
    .enablePositionalOptions()
    .showSuggestionAfterError();
  for (const command of COMMANDS) program.addCommand(command(context));
  program.addCommand(completeCommand(context), { hidden: true });
  program.addCommand(fetchImageCommand(context), { hidden: true });
  // The doctor finds it with all else that is wrong.
  program.hook('preAction', (_, command) => {
    if (command.name() !== 'doctor') refuseOldNode(`sandform ${command.name()}`);
  });
  quietly(program);
  return program;
}

/** Lets main report what is wrong with a command line, and gives every command the table of exit codes. */
function quietly(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined }).addHelpText('after', EXIT_CODES);
  command.commands.forEach(quietly);
}
