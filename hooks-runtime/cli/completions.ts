import type { Argument, Command, Option } from 'commander';

/** What a word of a command line may stand for that only the host knows. */
export interface LiveNames {
  /** `STACK/SANDBOX` of what is deployed. */
  sandboxes(): Promise<readonly string[]>;
  /** Names of runs. */
  runs(): Promise<readonly string[]>;
}

/**
 * What the last word of a command line may become: commands, options and their choices, and names of what is there.
 * @param words after `sandform`, the last one as far as it is written
 */
export async function completions(program: Command, words: readonly string[], names: LiveNames): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  let command = program;
  const given: string[] = [];
  for (let index = 0; index < words.length - 1; index++) {
    const word = words[index] ?? '';
    // What follows is the guest's own command line.
    if (word === '--') return [];
    const next = given.length === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
    const option = optionOf(command, word);
    if (next !== undefined) command = next;
    else if (option !== undefined) {
      if (!takesValue(option) || word.includes('=')) continue;
      if (index === words.length - 2) return fitting(option.argChoices ?? [], last);
      index += 1;
    } else given.push(word);
  }
  if (last.startsWith('-')) return fitting(command.options.flatMap(({ long }) => long ?? []).concat('--help'), last);
  const argument = command.registeredArguments[given.length] ?? command.registeredArguments.at(-1);
  const subcommands = given.length === 0 ? command.commands.map((candidate) => candidate.name()).filter((name) => !name.startsWith('_')) : [];
  return fitting([...subcommands, ...(argument === undefined || (given.length >= command.registeredArguments.length && !argument.variadic) ? [] : await valuesOf(argument, names))], last);
}

async function valuesOf(argument: Argument, names: LiveNames): Promise<readonly string[]> {
  if (argument.argChoices !== undefined) return argument.argChoices;
  switch (argument.name()) {
    case 'sandbox':
      return names.sandboxes();
    case 'address':
    case 'stack': {
      const sandboxes = await names.sandboxes();
      const stacks = [...new Set(sandboxes.map((address) => address.split('/')[0] ?? ''))];
      return argument.name() === 'stack' ? stacks : [...stacks, ...sandboxes];
    }
    case 'run':
      return ['latest', ...(await names.runs())];
    case 'from':
    case 'to':
      return (await names.sandboxes()).map((address) => `${address}:`);
    default:
      return [];
  }
}

function optionOf(command: Command, word: string): Option | undefined {
  const name = word.split('=')[0];
  return command.options.find(({ long, short }) => name !== '' && (name === long || name === short));
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function fitting(candidates: readonly string[], beginning: string): string[] {
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(beginning)).sort();
}
