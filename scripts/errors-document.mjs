/** Writes docs/errors.md from the error table; `--check` fails where the two differ. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { errorsDocument } = createRequire(import.meta.url)('../dist/lib/errors/document.js');
const path = new URL('../docs/errors.md', import.meta.url);
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== errorsDocument()) {
    console.error('docs/errors.md is not what the table says: run `npm run docs`.');
    process.exit(1);
  }
} else {
  writeFileSync(path, errorsDocument());
}
