import { SEE_KEYS, type SeeKey } from './keys';
import { AWAITED, UNAVAILABLE } from './unavailable';

/** The table of SEE's keys, for docs/see-migration.md. */
export function seeKeysTable(): string {
  const rows = SEE_KEYS.map(asItIs).map(({ key, fate, how }) => `| \`${key}\` | ${fate} | ${how.replaceAll('|', '\\|')} |`);
  return ['| key | what becomes of it | how |', '|---|---|---|', ...rows].join('\n');
}

/** A key of something that this version does not translate. */
function asItIs(row: SeeKey): SeeKey {
  const [, awaited] = Object.entries(AWAITED).find(([beginning]) => row.key.startsWith(beginning)) ?? [];
  return awaited === undefined ? row : { ...row, fate: 'refused', how: `${UNAVAILABLE[awaited].what} can't be had from SEE's files yet: ${UNAVAILABLE[awaited].fix}` };
}
