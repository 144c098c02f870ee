import { type Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { SandformError } from '../../../lib/errors';
import type { CommandContext } from '../../../hooks-runtime/cli/command-context';
import { exitCodeOf } from '../../../hooks-runtime/cli/exit-codes';
import { createProgram } from '../../../hooks-runtime/cli/program';
import { createReporter } from '../../../hooks-runtime/cli/reporter';
import { exitCodeOfCommand } from '../../../hooks-runtime/cli/attached-command';
import { codedOf } from '../../../hooks-runtime/cli/main';
import { table } from '../../../hooks-runtime/cli/table';

const context: CommandContext = { reporter: createReporter({ json: true }), signal: new AbortController().signal, end: () => undefined };

/** The real command line with actions that do nothing, so that any words may be tried. */
function inertProgram(): Command {
  const program = createProgram(context);
  const disarm = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    command.commands.forEach(disarm);
  };
  disarm(program);
  return program;
}

const words = fc.array(
  fc.oneof(
    fc.constantFrom('run', 'exec', 'shell', 'ps', 'reap', 'report', 'doctor', 'host', 'up', 'guest', 'build', 'micro', 'env', 'cp', 'logs', 'screen', 'forward', 'events', 'completion', '__complete', '--follow', '--tail', '--relay', '--port', '--memory', '--keep', '0:80', '--json', '--uri', '--timeout', '--label', '--all', '--', '-t', 'lab/victim', '5s', 'a=b'),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('${x}', '<b>', '"', "'", '🙂', '--__proto__', '\u0000', '-', '--='),
  ),
  { maxLength: 8 },
);

describe('the command line', () => {
  it('is understood or refused with USAGE, whatever the words', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (line) => {
        const outcome: unknown = await inertProgram().parseAsync(line, { from: 'user' }).then(() => undefined, (error: unknown) => error);
        if (outcome === undefined || (outcome instanceof CommanderError && outcome.exitCode === 0)) return;
        expect(codedOf(outcome, context.signal)).toMatchObject({ code: 'USAGE' });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [['nonsense'], 'nonsense'],
    [[], 'no command'],
    [['host'], 'no command'],
    [['exec'], 'sandbox'],
    [['exec', 'lab/victim', '--timeout', 'soon', '--', 'true'], 'soon'],
    [['reap', '--label', 'no-equals-sign'], 'no-equals-sign'],
    [['guest', 'build', 'windows95'], 'windows95'],
    [['forward', 'lab/victim', '70000'], '70000'],
    [['screen', 'lab/victim', '--port', 'x'], 'x'],
    [['logs', 'lab/victim', '--tail', 'much'], 'much'],
    [['run', 'micro', '--vcpus', '0'], '0'],
    [['completion', 'tcsh'], 'tcsh'],
  ])('refuses %j and names what it did not understand', async (line, named) => {
    const outcome: unknown = await inertProgram().parseAsync(line, { from: 'user' }).catch((error: unknown) => error);
    const error = codedOf(outcome, context.signal);
    expect(error.code).toBe('USAGE');
    expect(error.given).toContain(named);
    expect(exitCodeOf(error)).toBe(2);
  });

  it('keeps everything behind -- for the guest', async () => {
    const program = inertProgram();
    const exec = program.commands.find((command) => command.name() === 'exec')!;
    let seen: string[] = [];
    exec.action((_address: string, command: string[]) => { seen = command; });
    await program.parseAsync(['exec', 'lab/victim', '--', 'sh', '-c', 'echo "$1" --json', '--help'], { from: 'user' });
    expect(seen).toEqual(['sh', '-c', 'echo "$1" --json', '--help']);
  });

  it('gives every command --help with the exit codes, and every one but shell --json', () => {
    const leaves = (command: Command): Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves));
    for (const command of leaves(createProgram(context)).filter((candidate) => candidate.name() !== '__complete')) {
      expect(command.description()).not.toBe('');
      if (command.name() !== 'shell') expect(command.options.map(({ long }) => long)).toContain('--json');
    }
  });
});

describe('exit codes', () => {
  it.each([
    ['USAGE', 2],
    ['APP_INVALID', 2],
    ['LIBVIRT_UNREACHABLE', 125],
    ['GUEST_UNREACHABLE', 125],
    ['INTERNAL', 125],
  ] as const)('%s ends with %d', (code, exitCode) => expect(exitCodeOf(new SandformError(code, { doing: 'x' }))).toBe(exitCode));

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s ends with %d', (signal, exitCode) => expect(exitCodeOf(new SandformError('INTERRUPTED', { doing: 'x', details: { signal } }))).toBe(exitCode));

  it("are the guest command's own", () => {
    expect(exitCodeOfCommand({ exitCode: 7, signal: null })).toBe(7);
    expect(exitCodeOfCommand({ exitCode: null, signal: 'SIGKILL' })).toBe(137);
  });
});

describe('a table', () => {
  it('never lets a cell act on the terminal', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 2 })), (rows) => {
      expect(table(['A', 'B'], rows)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(table(['A', 'B'], rows).split('\n')).toHaveLength(rows.length + 1);
    }));
  });
});
