/** Writes the JSON Schemas of the documents that outlive a process into dist/schema; part of `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { SandboxSpec, SCHEMA_VERSION } = require('../dist/lib/spec');
const { RunDocument, RECORD_VERSION } = require('../dist/lib/record');
const { ImageLock, IMAGE_LOCK_VERSION } = require('../dist/lib/images');

const folder = new URL('../dist/schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, version, schema] of [['sandbox-spec', SCHEMA_VERSION, SandboxSpec], ['run-record', RECORD_VERSION, RunDocument], ['image-lock', IMAGE_LOCK_VERSION, ImageLock]]) {
  // One schema holds parts of the other: names inside would clash where both are used.
  const parts = JSON.parse(JSON.stringify(schema, (key, value) => (key === '$id' ? undefined : value)));
  const document = { $schema: 'http://json-schema.org/draft-07/schema#', $id: `urn:sandform:${name}:${version}`, ...parts };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(document, undefined, 2)}\n`);
}
