import { SEE_KEYS } from './keys';

/** The table of SEE's keys, for docs/see-migration.md. */
export function seeKeysTable(): string {
  const rows = SEE_KEYS.map(({ key, fate, how }) => `| \`${key}\` | ${fate} | ${how.replaceAll('|', '\\|')} |`);
  return ['| key | what becomes of it | how |', '|---|---|---|', ...rows].join('\n');
}
