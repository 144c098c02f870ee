/**
 * Compiles the schemas that most processes need into dist/lib/schema/precompiled, a file each; part of `npm run build`. Compiling took a quarter of what
 * a start of the companion took. What is not listed here is compiled when it is needed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const { default: standaloneCode } = require('ajv/dist/standalone');
const { ajv } = require('../dist/lib/schema/compiler');
const { plainSchema, precompiledName } = require('../dist/lib/schema/validator');
const { CompanionCall, CompanionMoment, Conduct, DeployedIdentity, DomainPart, ImageIndexEntry, ImageLock, NetworkIdentity } = require('../dist/lib');
const { JournalEntry, RunDocument } = require('../dist/lib/record');
const { RegistryEntry } = require('../dist/hooks-runtime/processes/process-registry');
const { InstanceStateSchema } = require('../dist/hooks-runtime/host/instance-state');
const hooks = Object.values(require('../dist/hooks-runtime/hooks')).flatMap(({ config }) => (config === undefined ? [] : [config]));

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = `${PROJECT}/dist/lib/schema/precompiled`;
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const schema of [CompanionCall, CompanionMoment, Conduct, DeployedIdentity, DomainPart, ImageIndexEntry, ImageLock, NetworkIdentity, JournalEntry, RunDocument, RegistryEntry, InstanceStateSchema, ...hooks]) {
  const compiler = ajv({ source: true, optimize: true });
  const plain = plainSchema(schema);
  const contents = standaloneCode(compiler, compiler.compile(plain));
  await build({ stdin: { contents, resolveDir: PROJECT }, outfile: `${FOLDER}/${precompiledName(plain)}`, bundle: true, minify: true, platform: 'node', target: 'node22', logLevel: 'warning' });
}
