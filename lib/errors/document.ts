import { ERRORS, type ErrorKind } from './table';

const KINDS: Record<ErrorKind, string> = {
  usage: 'The command line: exit code 2',
  declaration: 'Declarations: exit code 2',
  host: 'The host: exit code 125',
  guest: 'The guest: exit code 125',
  hook: 'Hooks: recorded in the run; exit code 1 where one failed, 125 where a command line could not go on',
  internal: 'Defects: exit code 125',
};

/** docs/errors.md, from the error table. */
export function errorsDocument(): string {
  const sections = Object.entries(KINDS).map(([kind, title]) => {
    const rows = Object.entries(ERRORS)
      .filter(([, entry]) => entry.kind === kind)
      .map(([code, { meaning, expected, fix }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(expected)} | ${cell(fix)} |`);
    return `## ${title}\n\n| code | meaning | expected | fix |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Errors\n\n${INTRODUCTION}\n\n${sections.join('\n')}`;
}

const INTRODUCTION = `Every failure of Sandform has one of these codes. The message says what was being done, what was given, what was expected and how
to fix it; \`--json\` prints the same as \`{ "error": { code, doing, given, expected, fix, details } }\`. Expectation and fix below are
those of the table; where a place knows better, its message says more.

This page is generated from lib/errors/table.ts by \`npm run docs\`.`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
