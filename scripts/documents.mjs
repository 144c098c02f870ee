/** Writes the documents that the code tells: docs/errors.md, the capability table of the README, SEE's keys in docs/see-migration.md. `--check` fails where one differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { errorsDocument } = require('../dist/lib/errors/document.js');
const { seeKeysTable } = require('../dist/lib/see/document.js');
const { capabilitiesTable } = require('../dist/lib/capabilities/document.js');

/** Each from what it is now. @type {Record<string, (now: string) => string>} */
const DOCUMENTS = {
  'docs/errors.md': () => errorsDocument(),
  'docs/see-migration.md': (now) => withPart(now, 'keys', seeKeysTable()),
  'README.md': (now) => withPart(now, 'capabilities', capabilitiesTable()),
};

for (const [path, text] of Object.entries(DOCUMENTS)) {
  const file = new URL(`../${path}`, import.meta.url);
  const now = readFileSync(file, 'utf8');
  if (now === text(now)) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not what the code says: run \`npm run docs\`.`);
    process.exitCode = 1;
  } else writeFileSync(file, text(now));
}

/** @param {string} document @param {string} name of the comments around the part @param {string} part */
function withPart(document, name, part) {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no '${begin}' before '${end}'`);
  return `${document.slice(0, from + begin.length)}\n\n${part}\n\n${document.slice(to)}`;
}
