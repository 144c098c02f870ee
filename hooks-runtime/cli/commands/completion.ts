import { Argument, Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context';
import { type LiveNames, completions } from '../completions';

/** Milliseconds that the host may take to tell names: somebody waits with a finger on the key. */
const PATIENCE = 1500;

/** Each asks `sandform __complete -- WORDS` for the candidates of the last word, a line each. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_sandform() {
  local IFS=$'\\n' line words
  COMPREPLY=()
  # ':' ends a word for bash, but not for sandform
  line=\${COMP_LINE:0:COMP_POINT}
  mapfile -t words < <(printf '%s' "$line" | tr -s ' ' '\\n')
  [[ $line == *' ' ]] && words+=('')
  local last=\${words[\${#words[@]}-1]}
  local prefix=\${last%"\${last##*:}"}
  local candidate
  while read -r candidate; do COMPREPLY+=("\${candidate#"$prefix"}"); done < <(sandform __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace
}
complete -o default -F _sandform sandform
`,
  zsh: `#compdef sandform
_sandform() {
  local -a candidates
  candidates=(\${(f)"$(sandform __complete -- "\${(@)words[2,$CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -Q -- $candidates; else _files; fi
}
compdef _sandform sandform
`,
  fish: `complete -c sandform -f -a '(sandform __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

export function completionCommand(context: CommandContext): Command {
  return new Command('completion')
    .description('print a script that makes your shell complete commands, options, sandboxes and runs')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', '\nTo use it:\n  bash  source <(npx sandform completion bash)\n  zsh   source <(npx sandform completion zsh)\n  fish  npx sandform completion fish | source')
    .addOption(jsonOption())
    .action((shell: string) => context.reporter.result({ shell, script: SCRIPTS[shell] }, () => SCRIPTS[shell]?.trimEnd() ?? ''));
}

/** What the scripts ask. It never fails: nobody wants an error in the middle of a line. */
export function completeCommand(context: CommandContext): Command {
  return new Command('__complete').argument('[words...]').action(async (words: string[], _options, command: Command) => {
    const found = command.parent === null ? [] : await completions(command.parent, words.length === 0 ? [''] : words, liveNames(context.signal));
    if (found.length > 0) process.stdout.write(`${found.join('\n')}\n`);
  });
}

function liveNames(interruption: AbortSignal): LiveNames {
  return {
    sandboxes: () =>
      orNone(async () => {
        const { resolveUri } = await import('../../host');
        const { HostConnections, listAllSandboxes } = await import('../../inventory');
        const signal = AbortSignal.any([interruption, AbortSignal.timeout(PATIENCE)]);
        await using host = await HostConnections.open(await resolveUri(), { readOnly: true, signal });
        return (await listAllSandboxes(host.all)).sandboxes.map(({ address }) => address);
      }),
    runs: () =>
      orNone(async () => {
        const { listRuns, runsFolder } = await import('../../record');
        return (await listRuns(runsFolder())).runs.map(({ run }) => run.id);
      }),
  };
}

/** Names that can't be told now are none. */
async function orNone(names: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await names();
  } catch {
    return [];
  }
}
