/** Writes the JSON Schemas of the documents that outlive a process into dist/schema; part of `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { SandboxSpec } = require('../dist/lib/spec');
const { RunDocument } = require('../dist/lib/record');

const folder = new URL('../dist/schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries({ 'sandbox-spec': SandboxSpec, 'run-record': RunDocument })) {
  const document = { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(document, undefined, 2)}\n`);
}
