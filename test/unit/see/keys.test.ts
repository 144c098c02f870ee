import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from '../../../lib/schema';
import { Mount, PROVIDER_CONFIGURATIONS, ProvidedImage, SeeContext } from '../../../lib/see/context-document';
import { GENERAL_KEYS, HOOK_CONFIGURATIONS, SeeHooks } from '../../../lib/see/hooks-document';
import { SEE_KEYS, seeKeysTable } from '../../../lib/see';

/** Every key of a schema, with those below it. */
function keysOf(schema: TSchema, prefix = ''): string[] {
  const { properties = {}, items, anyOf = [] } = schema as { properties?: Record<string, TSchema>; items?: TSchema; anyOf?: TSchema[] };
  return [
    ...Object.entries(properties).flatMap(([name, below]) => [`${prefix}${name}`, ...keysOf(below, `${prefix}${name}.`)]),
    ...(items === undefined ? [] : keysOf(items, prefix)),
    ...anyOf.flatMap((branch) => keysOf(branch, prefix)),
  ];
}

it('the migration guide shows the table', () => {
  expect(readFileSync(join(__dirname, '../../../docs/see-migration.md'), 'utf8')).toContain(seeKeysTable());
});

it('every key that is read has a row in the table, and every row a key', () => {
  const ofClasses = [...Object.entries(PROVIDER_CONFIGURATIONS), ...Object.entries(HOOK_CONFIGURATIONS)].flatMap(([name, schema]) => keysOf(schema, `${name}.`));
  const read = new Set([...keysOf(SeeContext), ...keysOf(ProvidedImage, 'disk.image.'), ...keysOf(Mount, 'domain.filesystem.'), ...keysOf(SeeHooks), ...GENERAL_KEYS, ...ofClasses]);
  const told = SEE_KEYS.map(({ key }) => key);
  expect([...told].sort()).toEqual([...read].sort());
  expect(new Set(told).size).toBe(told.length);
});
